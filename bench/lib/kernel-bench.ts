/** Typed face of the native KernelBench and of the codecs, as the bench uses them. */
import { loadAddon } from '../../native/load.js';

/** Each call does the whole buffer of lines and answers how many events (`checksum`, `copy`: bytes) it was. */
export interface KernelBench {
  /** Framing alone; each of the next includes the ones before it. */
  frame(): number;
  parse(): number;
  /** Parsing by the scalar oracle (syslog). */
  parseScalar(): number;
  encode(): number;
  encodeCompact(): number;
  encodeJson(): number;
  batch(): number;
  checksum(): number;
  copy(): number;
  simdjson(): number;
  /**
   * One uncompressed record batch of as many lines as fit into `out`; its bytes. All calls make the same events.
   * @param compact the encoding "compact"
   * @param keepOriginal event.original also where parsing lost nothing
   */
  fill(out: Uint8Array, compact?: boolean, keepOriginal?: boolean): number;
  /**
   * Bytes of the next record batch of about 512 KiB or, with `frameEvents`, of the next plain frame of at most so many events;
   * 0 when the lines are at their end, and then from the first again.
   */
  fillNext(out: Uint8Array, frameEvents: number): number;
  /** What the frame that fillNext just made was packed into, and in how much time: layouts are chosen by it. */
  framePacked(bytes: number, ns: number): void;
  /** All frames in this layout: 0 templates, 1 columns, 2 whole events. */
  fixLayout(layout: number): void;
  /** The layout of the frame made last. */
  frameLayout(): number;
}

interface Addon {
  KernelBench: new (lines: Uint8Array, json: boolean) => KernelBench;
}

export function createKernelBench(lines: Uint8Array, json: boolean): KernelBench {
  return new (loadAddon<Addon>().KernelBench)(lines, json);
}
