import type { Api } from '../api.js';

export interface DescribeConfigsRequest {
  readonly topic: string;
  readonly names: readonly string[];
}
export interface DescribeConfigsResponse {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  /** As they apply now, from wherever; what the broker does not know is not there. */
  readonly values: ReadonlyMap<string, string>;
}

const topicResource = 2;

/** DescribeConfigs v4 of one topic. */
export const describeConfigs: Api<DescribeConfigsRequest, DescribeConfigsResponse> = {
  key: 32,
  name: 'DescribeConfigs',
  versions: [4, 4],
  flexibleFrom: 4,
  encode(writer, { topic, names }) {
    writer.uvarint(2).int8(topicResource).compactString(topic);
    writer.compactArray(names, (name) => writer.compactString(name)).noTags();
    writer.boolean(false).boolean(false).noTags();
  },
  decode(reader) {
    reader.int32();
    if (reader.uvarint() < 2) return { errorCode: -1, errorMessage: 'the answer names no topic', values: new Map() };
    const [errorCode, errorMessage] = [reader.int16(), reader.compactString()];
    reader.int8();
    reader.compactString();
    const values = new Map<string, string>();
    reader.compactArray(() => {
      const [name, value] = [reader.compactString() ?? '', reader.compactString()];
      if (value !== null) values.set(name, value);
      reader.int8(); // read only
      reader.int8(); // source
      reader.int8(); // sensitive
      reader.compactArray(() => {
        reader.compactString();
        reader.compactString();
        reader.int8();
        reader.tags();
      });
      reader.int8(); // type
      reader.compactString(); // documentation
      reader.tags();
    });
    return { errorCode, errorMessage, values };
  },
};
