/**
 * Makes rings (native/src/ring/ring.h) in shared memory. Nothing else of a ring is JavaScript's business.
 */
import { loadAddon } from '../../native/load.js';

interface Addon {
  formatRing(memory: Uint8Array, capacityBytes: number): boolean;
  ringDepth(memory: Uint8Array): number;
  ringPositions(memory: Uint8Array): [released: number, published: number];
  readonly ringOverheadBytes: number;
}

const doorbellBytes = 4096;

/** An empty ring. `capacityBytes`: a power of two of at least 64 KiB. */
export function createRing(capacityBytes: number): SharedArrayBuffer {
  const addon = loadAddon<Addon>();
  const memory = new SharedArrayBuffer(addon.ringOverheadBytes + capacityBytes);
  if (!addon.formatRing(new Uint8Array(memory), capacityBytes)) {
    throw new RangeError(`a ring of ${capacityBytes} bytes: not a power of two of at least 65,536`);
  }
  return memory;
}

/** Where one worker sleeps and its producers wake it. */
export function createDoorbell(): SharedArrayBuffer {
  return new SharedArrayBuffer(doorbellBytes);
}

/** Bytes in the ring that are not yet committed. */
export function ringDepthBytes(ring: SharedArrayBuffer): number {
  return loadAddon<Addon>().ringDepth(new Uint8Array(ring));
}

/** Bytes released and published since the ring was made. */
export function ringPositions(ring: SharedArrayBuffer): [released: number, published: number] {
  return loadAddon<Addon>().ringPositions(new Uint8Array(ring));
}
