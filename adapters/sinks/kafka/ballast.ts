import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';

const ballastBytes = 2 * 1024 * 1024;
/** What a file system gives back at a time, at least. */
const blockBytes = 4096;

/**
 * Room on the disk that is given up little by little when there is no other. A journal that fills its disk while Kafka is away can only be
 * delivered, and so freed, if what is sent can be written down.
 */
export class Ballast {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    this.fill();
  }

  /** Takes room again, as far as there is some. */
  fill(): void {
    this.#use((descriptor, size) => {
      const zeros = Buffer.alloc(64 * 1024);
      for (let at = size; at < ballastBytes; )
        at += writeSync(descriptor, zeros, 0, Math.min(zeros.length, ballastBytes - at));
    });
  }

  /** Gives up `bytes` and a little more; false: there is nothing left to give up. */
  release(bytes: number): boolean {
    let released = false;
    this.#use((descriptor, size) => {
      const blocks = Math.ceil(bytes / blockBytes) * blockBytes;
      ftruncateSync(descriptor, Math.max(0, size - blocks));
      released = size > 0;
    });
    return released;
  }

  #use(work: (descriptor: number, size: number) => void): void {
    try {
      const descriptor = openSync(this.#path, 'a');
      try {
        work(descriptor, fstatSync(descriptor).size);
      } finally {
        closeSync(descriptor);
      }
    } catch {
      // A full disk, or one that fails: what cannot be written says so itself.
    }
  }
}
