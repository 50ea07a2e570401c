/** Values of `format` that are checked: natively, or by a pattern. Any other is refused: nothing is silently not checked. */
import { nativeFormats } from '../../native/validation.js';

/** In the engine's syntax (engine/validation/pattern.ts); deliberately plain. */
export const formatPatterns: Readonly<Record<string, string>> = {
  time: '\\A([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?(Z|z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])\\z',
  duration: '\\AP([0-9]+W|([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+(\\.[0-9]+)?S)?)?)\\z',
  email:
    "\\A[A-Za-z0-9.!#$%\\&'*+/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\\z",
  hostname: '\\A[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\\.?\\z',
  uri: '\\A[A-Za-z][A-Za-z0-9+.-]*:[^\\s\\x00-\\x20<>"{}|\\\\^`]*\\z',
  'uri-reference': '\\A[^\\s\\x00-\\x20<>"{}|\\\\^`]*\\z',
  'json-pointer': '\\A(/([^/~]|~[01])*)*\\z',
};

export const formatNames = [...nativeFormats, ...Object.keys(formatPatterns)].sort();
