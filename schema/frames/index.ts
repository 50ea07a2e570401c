/** Frames for consumers in TypeScript (`penstock/frames`). Format: docs/reference/frames.md. */
import type { ReadEvent } from '../reader.js';
import { Frame, type FrameOptions } from './frame.js';

export { FrameError } from './bytes.js';
export { type FrameField, frameFields } from './fields.js';
export { Frame, type FrameOptions, type RawValue } from './frame.js';
export { type FindDictionary, type FrameHeader, isFrame } from './sections.js';

/**
 * The LogEvents of a record's value that is a frame, for `readLogEvent` of `penstock/log-event`.
 * @throws FrameError
 */
export function frameRecords(value: Uint8Array, options?: FrameOptions): Buffer[] {
  return [...new Frame(value, options).records()];
}

/**
 * The events of a record's value that is a frame, as `readLogEvent` of `penstock/log-event` gives them of their records, without making
 * these. Texts may be parts of larger ones: keep an event for long only with a copy of what is wanted.
 * @throws FrameError
 */
export function frameEvents(value: Uint8Array, options?: FrameOptions): ReadEvent[] {
  return new Frame(value, options).events();
}
