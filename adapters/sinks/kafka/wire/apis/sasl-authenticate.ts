import type { Api } from '../api.js';

export interface SaslAuthenticateResponse {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly bytes: Buffer;
  /** 0: no end. */
  readonly sessionLifetimeMs: number;
}

/** SaslAuthenticate v2: one message of the mechanism each way. */
export const saslAuthenticate: Api<{ readonly bytes: Buffer }, SaslAuthenticateResponse> = {
  key: 36,
  name: 'SaslAuthenticate',
  versions: [2, 2],
  flexibleFrom: 2,
  encode(writer, request) {
    writer.compactBytes(request.bytes).noTags();
  },
  decode(reader) {
    return {
      errorCode: reader.int16(),
      errorMessage: reader.compactString(),
      bytes: reader.compactBytes() ?? Buffer.alloc(0),
      sessionLifetimeMs: Number(reader.int64()),
    };
  },
};
