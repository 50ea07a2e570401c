import type { Api } from '../api.js';

export interface SaslHandshakeResponse {
  readonly errorCode: number;
  readonly mechanisms: readonly string[];
}

/** SaslHandshake v1: names the mechanism; SaslAuthenticate requests follow. Never flexible. */
export const saslHandshake: Api<{ readonly mechanism: string }, SaslHandshakeResponse> = {
  key: 17,
  name: 'SaslHandshake',
  versions: [1, 1],
  flexibleFrom: 32767,
  encode(writer, request) {
    writer.string(request.mechanism);
  },
  decode(reader) {
    return { errorCode: reader.int16(), mechanisms: reader.array(() => reader.string() ?? '') };
  },
};
