/** Files in memory that all threads read: nobody writes to it once it is filled, and it goes when no thread holds it any more. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { paddingBytes } from '../../native/pipeline.js';
import { SettingsError } from '../errors.js';

export const fileBytesMax = 1024 ** 3;
const readBytes = 8 * 1024 ** 2;

/** What tells that a file is another than before. */
export type Signature = string;

export interface SharedFile {
  readonly path: string;
  readonly signature: Signature;
  /** In shared memory, with padding behind it. */
  readonly bytes: Uint8Array;
}

/** Null: it cannot be reached. */
export async function signatureOf(path: string): Promise<Signature | null> {
  try {
    return describe(await stat(path));
  } catch {
    return null;
  }
}

/** Copied, not mapped: who writes over the file changes nothing here. @throws OperatingError */
export async function readShared(path: string): Promise<SharedFile> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const before = await file.stat();
    if (!before.isFile()) throw new Error('it is no file');
    if (before.size > fileBytesMax) throw new Error(`it is larger than ${fileBytesMax} bytes`);
    const bytes = new Uint8Array(new SharedArrayBuffer(before.size + paddingBytes), 0, before.size);
    await fill(file, bytes);
    const signature = describe(before);
    if (describe(await file.stat()) !== signature) throw new Error('it was written to while it was read');
    return { path, signature, bytes };
  } catch (cause) {
    const message = `${path} cannot be read: ${(cause as Error).message}`;
    throw new SettingsError(
      'ENRICHMENT_FILE',
      message,
      'name a whole file that this user may read; replace files by a rename',
      { cause },
    );
  } finally {
    await file?.close();
  }
}

async function fill(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, Math.min(readBytes, bytes.length - at), at);
    if (bytesRead === 0) throw new Error('it became shorter while it was read');
    at += bytesRead;
  }
}

function describe({ ino, size, mtimeMs }: { ino: number; size: number; mtimeMs: number }): Signature {
  return `${ino} ${size} ${mtimeMs}`;
}
