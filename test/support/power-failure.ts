import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, relative } from 'node:path';
import type { Random } from './random.js';

const sectorBytes = 512;

interface Write {
  readonly bytes: Buffer;
  readonly at: number;
}

/** One file, whatever its name: what the disk has for certain, and what it may have of the rest. */
interface Inode {
  kept: Buffer;
  readonly pending: Write[];
}

/**
 * Notes what is written below a directory, and makes of it what a power failure may leave: of what was not synced any sectors, in any
 * order; of names that were created or replaced without a sync of the directory, the first so many. Syncs in the background end when the
 * test says so. Faults are as random as `fault` says.
 */
export class PowerFailures {
  /** Of writes and syncs, the part that fails. */
  fault = 0;
  /** Gives the file system back. */
  readonly end: () => void;
  readonly #files = new Map<number, Inode>();
  readonly #syncs: (() => void)[] = [];
  readonly #byPath = new Map<string, Inode>();
  #keptNames = new Map<string, Inode>();
  #names: [path: string, inode: Inode][] = [];

  constructor(
    private readonly directory: string,
    private readonly random: Random,
  ) {
    const { openSync, writeSync, writeFileSync, fsyncSync, fdatasyncSync, fdatasync, renameSync, closeSync } = fs;
    const real = { openSync, writeSync, writeFileSync, fsyncSync, fdatasyncSync, fdatasync, renameSync, closeSync };
    const ours = (fd: number) => this.#files.get(fd);
    const patched = {
      openSync: (path: string, flags: string | number, mode?: number) => {
        const fd = real.openSync(path, flags, mode);
        if (!path.startsWith(directory) || fs.fstatSync(fd).isDirectory() || flags === 'r') return fd;
        const inode = (flags !== 'w' && this.#byPath.get(path)) || { kept: Buffer.alloc(0), pending: [] };
        if (this.#byPath.get(path) !== inode) this.#named(path, inode);
        this.#files.set(fd, inode);
        return fd;
      },
      writeSync: (fd: number, bytes: Buffer, offset: number, length: number, at: number) => {
        const inode = ours(fd);
        let whole = length;
        if (inode && this.#fails()) {
          if (random.next() < 0.5) throw failure('ENOSPC');
          whole = Math.floor(length * random.next());
        }
        inode?.pending.push({ bytes: Buffer.from(bytes.subarray(offset, offset + whole)), at });
        return real.writeSync(fd, bytes, offset, whole, at);
      },
      writeFileSync: (file: number | string, text: string | Uint8Array) => {
        const inode = typeof file === 'number' ? ours(file) : undefined;
        if (inode && this.#fails()) throw failure('ENOSPC');
        inode?.pending.push({ bytes: Buffer.from(text as string), at: 0 });
        real.writeFileSync(file, text);
      },
      fsyncSync: (fd: number) => this.#sync(ours(fd)),
      fdatasyncSync: (fd: number) => this.#sync(ours(fd)),
      fdatasync: (fd: number, done: (error: Error | null) => void) => {
        const inode = ours(fd);
        const asked = new Set(inode?.pending);
        this.#syncs.push(() => {
          try {
            this.#sync(inode, asked);
            done(null);
          } catch (error) {
            done(error as Error);
          }
        });
      },
      renameSync: (from: string, to: string) => {
        real.renameSync(from, to);
        const inode = this.#byPath.get(from);
        if (inode === undefined) return;
        this.#byPath.delete(from);
        this.#named(to, inode);
      },
      closeSync: (fd: number) => {
        this.#files.delete(fd);
        real.closeSync(fd);
      },
    };
    Object.assign(fs, patched);
    syncBuiltinESMExports();
    this.end = () => {
      Object.assign(fs, real);
      syncBuiltinESMExports();
    };
  }

  /** Lets the background's syncs come to an end. */
  finishSyncs(): void {
    for (const sync of this.#syncs.splice(0)) sync();
  }

  /** Writes what a power failure now may leave to another directory. */
  cut(into: string): void {
    const names = new Map(this.#keptNames);
    for (const [path, inode] of this.#names.slice(0, this.random.between(0, this.#names.length)))
      names.set(path, inode);
    for (const [path, inode] of names) {
      let bytes = inode.kept;
      for (const write of inode.pending) bytes = this.#inPart(bytes, write);
      const fd = fs.openSync(join(into, relative(this.directory, path)), 'w');
      fs.writeFileSync(fd, bytes);
      fs.closeSync(fd);
    }
  }

  #fails(): boolean {
    return this.random.next() < this.fault;
  }
  #named(path: string, inode: Inode): void {
    this.#byPath.set(path, inode);
    this.#names.push([path, inode]);
  }
  /** Of these writes; of the directory when there is no inode. */
  #sync(inode: Inode | undefined, asked = new Set(inode?.pending)): void {
    if (inode === undefined) {
      this.#keptNames = new Map([...this.#keptNames, ...this.#names]);
      this.#names = [];
      return;
    }
    const writes = inode.pending.filter((write) => asked.has(write));
    inode.pending.splice(0, inode.pending.length, ...inode.pending.filter((write) => !asked.has(write)));
    const failed = this.#fails();
    // A sync that fails: the system has dropped what it could not write, and will not try again.
    for (const write of writes) inode.kept = failed ? this.#inPart(inode.kept, write) : applied(inode.kept, write);
    if (failed) throw failure('EIO');
  }
  #inPart(before: Buffer, write: Write): Buffer {
    if (this.random.next() < 0.3) return before;
    let bytes = before;
    const some = this.random.next();
    for (let done = 0; done < write.bytes.length; ) {
      const end = Math.min(write.bytes.length, done + sectorBytes - ((write.at + done) % sectorBytes));
      if (some < 0.5 || this.random.next() < some)
        bytes = applied(bytes, { bytes: write.bytes.subarray(done, end), at: write.at + done });
      done = end;
    }
    return bytes;
  }
}

function applied(before: Buffer, { bytes, at }: Write): Buffer {
  const after = Buffer.alloc(Math.max(before.length, at + bytes.length));
  before.copy(after);
  bytes.copy(after, at);
  return after;
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
