/** The event of a LogEvent that a frame holds. */
import { type ReadEvent, readRecord } from '../reader.js';
import type { RecordPart } from '../record-bytes.js';
import { refuse } from './bytes.js';

/** @param part where it is; default: all of the bytes. @throws FrameError */
export function eventOf(bytes: Buffer, part?: RecordPart): ReadEvent {
  try {
    return readRecord(bytes, part);
  } catch (error) {
    return refuse(`an event of it is ${(error as Error).message}`);
  }
}
