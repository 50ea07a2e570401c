import type { Api } from '../api.js';

export interface ApiVersionsRequest {
  readonly softwareName: string;
  readonly softwareVersion: string;
}
export interface ApiVersionsResponse {
  readonly errorCode: number;
  /** API key → lowest and highest version the broker speaks. */
  readonly ranges: ReadonlyMap<number, readonly [number, number]>;
}

/**
 * ApiVersions v3. Its response header is always v0 (KIP-511), and a broker that does not know v3 answers 35 in the
 * encoding of v0.
 */
export const apiVersions: Api<ApiVersionsRequest, ApiVersionsResponse> = {
  key: 18,
  name: 'ApiVersions',
  versions: [3, 3],
  flexibleFrom: 3,
  encode(writer, request) {
    writer.compactString(request.softwareName).compactString(request.softwareVersion).noTags();
  },
  decode(reader) {
    const errorCode = reader.int16();
    if (errorCode !== 0) return { errorCode, ranges: new Map() };
    const ranges = new Map<number, readonly [number, number]>();
    reader.compactArray(() => {
      ranges.set(reader.int16(), [reader.int16(), reader.int16()]);
      reader.tags();
    });
    reader.int32();
    return { errorCode, ranges };
  },
};
