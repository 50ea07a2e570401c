/** Avro object container files (Avro 1.12, "Object Container Files"): the header, and where the blocks are. */

export interface ContainerHeader {
  readonly schema: string;
  readonly codec: string;
  readonly sync: Buffer;
  /** Where the first block begins. */
  readonly end: number;
}
export interface ContainerBlock {
  /** Datums in it. */
  readonly count: bigint;
  /** As it is compressed. */
  readonly bytes: Buffer;
}

/** What is wrong with a file, and where. */
export class ContainerError extends Error {
  override readonly name = 'ContainerError';
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

const magic = Buffer.from('Obj\x01');
const syncBytes = 16;
/** Of the header's metadata. */
const entriesMax = 1000;
/** Longer names are none that matter. */
const nameBytesMax = 100;

export function isContainer(body: Buffer): boolean {
  return body.length >= magic.length && body.compare(magic, 0, magic.length, 0, magic.length) === 0;
}

/** @throws ContainerError */
export function readHeader(body: Buffer): ContainerHeader {
  const cursor = new Cursor(body, magic.length);
  const metadata = new Map<string, Buffer>();
  let entries = 0;
  for (;;) {
    let count = cursor.long();
    if (count === 0n) break;
    if (count < 0n) {
      count = -count;
      cursor.long(); // its size in bytes
    }
    for (; count > 0n; count--) {
      if (++entries > entriesMax) throw new ContainerError(`the header has more than ${entriesMax} entries`, cursor.at);
      const name = cursor.bytes();
      const value = cursor.bytes();
      if (name.length <= nameBytesMax) metadata.set(name.toString(), value);
    }
  }
  const sync = cursor.take(syncBytes);
  const schema = metadata.get('avro.schema');
  if (schema === undefined) throw new ContainerError('there is no schema in the header', magic.length);
  return {
    schema: schema.toString(),
    codec: (metadata.get('avro.codec') ?? '').toString() || 'null',
    sync,
    end: cursor.at,
  };
}

/** One after the other. @throws ContainerError */
export function* blocksOf(body: Buffer, { sync, end }: ContainerHeader): Generator<ContainerBlock> {
  const cursor = new Cursor(body, end);
  while (cursor.at < body.length) {
    const begin = cursor.at;
    const count = cursor.long();
    if (count < 0n) throw new ContainerError('a block has a negative count', begin);
    const bytes = cursor.bytes();
    if (!cursor.take(syncBytes).equals(sync))
      throw new ContainerError('a block does not end with the sync marker', begin);
    yield { count, bytes };
  }
}

class Cursor {
  constructor(
    readonly body: Buffer,
    public at: number,
  ) {}

  /** A zigzag varint of 64 bits. */
  long(): bigint {
    const begin = this.at;
    let low = 0; // of 28 bits, which counts and sizes seldom leave
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte(begin);
      low += (byte & 127) * 2 ** shift;
      if (byte < 128) return BigInt(low % 2 === 0 ? low / 2 : -(low + 1) / 2);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 64n; shift += 7n) {
      const byte = this.#byte(begin);
      if (shift === 63n && byte > 1) break;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw new ContainerError('a number has more than 64 bits', begin);
  }

  bytes(): Buffer {
    const begin = this.at;
    const size = this.long();
    if (size < 0n || size > BigInt(this.body.length - this.at))
      throw new ContainerError('a size leads past the end', begin);
    return this.take(Number(size));
  }

  take(size: number): Buffer {
    if (size > this.body.length - this.at) throw new ContainerError('it ends early', this.body.length);
    this.at += size;
    return this.body.subarray(this.at - size, this.at);
  }

  #byte(begin: number): number {
    const byte = this.body[this.at++];
    if (byte === undefined) throw new ContainerError('it ends early', begin);
    return byte;
  }
}
