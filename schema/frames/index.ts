/** Frames for consumers in TypeScript (`penstock/frames`). Format: docs/reference/frames.md. */
import type { ReadEvent } from '../reader.js';
import { Frame, type FrameOptions } from './frame.js';
import { nativeEvents, nativeRecords } from './native-records.js';

export { FrameError } from './bytes.js';
export { type FrameField, frameFields } from './fields.js';
export { Frame, type FrameOptions, type RawValue } from './frame.js';
export { type FindDictionary, type FrameHeader, isFrame } from './sections.js';

/**
 * The LogEvents of a record's value that is a frame, for `readLogEvent` of `penstock/log-event`. Where Penstock's addons are built they read
 * it, and the LogEvents are parts of one buffer: keep one for long only as a copy. Elsewhere, and with `decompress`, TypeScript does.
 * @throws FrameError
 */
export function frameRecords(value: Uint8Array, options?: FrameOptions): Buffer[] {
  return nativeRecords(value, options) ?? [...new Frame(value, options).records()];
}

/**
 * The events of a record's value that is a frame, as `readLogEvent` of `penstock/log-event` gives them of their records; without the addons
 * these are not made. Texts may be parts of larger ones: keep an event for long only with a copy of what is wanted.
 * @throws FrameError
 */
export function frameEvents(value: Uint8Array, options?: FrameOptions): ReadEvent[] {
  return nativeEvents(value, options) ?? new Frame(value, options).events();
}
