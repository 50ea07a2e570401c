/**
 * Syslog in native code, one buffer at a time: for tests and for explaining a message. The event path does not pass here.
 */
import { loadAddon } from './load.js';

/** How a buffer is cut into frames; 'whole': it is one frame (a datagram). */
export type SyslogFraming = 'syslog' | 'line' | 'prefixed' | 'whole';

/** What one frame became. */
export interface ParsedSyslog {
  /** The frame: byte offset in the buffer and size in bytes. */
  readonly offset: number;
  readonly size: number;
  /** ns since the epoch; null when the message has no usable timestamp. */
  readonly timestampNs: bigint | null;
  readonly message: string | null;
  /** By name, ECS' and others; `log.syslog.structured_data` is JSON text. */
  readonly fields: Readonly<Record<string, string | number>>;
  /** Metric label of the problem that decides (native/src/kernels/problems.h); 'none'. */
  readonly problem: string;
  /** Byte of the frame where it was met. */
  readonly problemOffset: number;
  readonly problems: readonly string[];
  /** Not understood: the message is the whole frame. */
  readonly failed: boolean;
}

export interface SyslogSettings {
  /** When the bytes were received: decides the year of timestamps without one. */
  readonly receivedNs: bigint;
  /** Zone of timestamps that name none, seconds east of UTC. */
  readonly utcOffsetSeconds: number;
  /** Parse with the version that uses no vector instructions. */
  readonly scalar?: boolean;
}

interface SyslogAddon {
  parseSyslogFrames(
    bytes: Uint8Array,
    framing: number,
    receivedNs: bigint,
    utcOffsetSeconds: number,
    scalar: boolean,
  ): ParsedSyslog[];
}

const framings: Record<SyslogFraming, number> = { syslog: 0, line: 1, prefixed: 2, whole: 4 };

/** Cuts `bytes` (a whole stream) into frames and parses each. */
export function parseSyslogFrames(bytes: Uint8Array, framing: SyslogFraming, settings: SyslogSettings): ParsedSyslog[] {
  const { receivedNs, utcOffsetSeconds, scalar = false } = settings;
  return loadAddon<SyslogAddon>().parseSyslogFrames(bytes, framings[framing], receivedNs, utcOffsetSeconds, scalar);
}
