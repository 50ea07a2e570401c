import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  CodecError,
  type CodecName,
  Compressor,
  codecLevels,
  compressBound,
  gzipDecompressBounded,
  lz4FrameDecompressBounded,
  zstdDecompressBounded,
} from './codecs.js';

const codecs: [CodecName, (input: Uint8Array, max: number) => Buffer][] = [
  ['zstd', zstdDecompressBounded],
  ['lz4', lz4FrameDecompressBounded],
  ['gzip', gzipDecompressBounded],
];
const text = Buffer.from('<34>1 2024-05-01T00:00:00Z host sshd 7 - - Failed password for root\n'.repeat(2000));

for (const [codec, decompress] of codecs) {
  test(`${codec}: compresses a range of one array into a place of another`, () => {
    const compressor = new Compressor(codec);
    for (const length of [0, 1, 1000, text.length - 10]) {
      const dst = new Uint8Array(compressBound(codec, length) + 7).fill(0xaa);
      const written = compressor.compressInto(text, 10, length, dst, 7);
      assert.deepEqual([...dst.subarray(0, 7)], new Array(7).fill(0xaa), 'bytes before the offset are left alone');
      assert.deepEqual(decompress(dst.subarray(7, 7 + written), length), text.subarray(10, 10 + length));
    }
  });

  test(`${codec}: answers −1 without room`, () => {
    const compressor = new Compressor(codec);
    assert.equal(compressor.compressInto(text, 0, text.length, new Uint8Array(20), 0), -1);
    assert.equal(compressor.compressInto(text, 0, text.length, new Uint8Array(20), 20), -1);
  });

  test(`${codec}: works on shared memory`, () => {
    const src = new Uint8Array(new SharedArrayBuffer(text.length + 5), 5);
    src.set(text);
    const dst = new Uint8Array(new SharedArrayBuffer(compressBound(codec, text.length)));
    const written = new Compressor(codec).compressInto(src, 0, text.length, dst, 0);
    assert.deepEqual(decompress(dst.subarray(0, written), text.length), text);
  });

  test(`${codec}: refuses what is too large, damaged or cut, with its code`, () => {
    const dst = new Uint8Array(compressBound(codec, text.length));
    const whole = dst.subarray(0, new Compressor(codec).compressInto(text, 0, text.length, dst, 0));
    const code = (expected: string) => (error: unknown) => error instanceof CodecError && error.code === expected;
    assert.throws(() => decompress(whole, text.length - 1), code('TOO_LARGE'));
    assert.throws(() => decompress(whole.subarray(0, whole.length - 1), text.length), code('TRUNCATED'));
    assert.throws(() => decompress(text, text.length), code('CORRUPT'));
    assert.throws(() => decompress(new Uint8Array(0), text.length), code('TRUNCATED'));
    assert.throws(() => decompress(whole, -1), code('BAD_PARAMETER'));
    assert.throws(() => decompress(whole, 2 ** 32), code('BAD_PARAMETER'));
  });

  test(`${codec}: refuses levels out of bounds and ranges outside the arrays`, () => {
    assert.throws(() => new Compressor(codec, codecLevels[codec].max + 1), CodecError);
    assert.throws(() => new Compressor(codec, 1.5), CodecError);
    const compressor = new Compressor(codec, codecLevels[codec].max);
    assert.throws(() => compressor.compressInto(text, 1, text.length, new Uint8Array(9), 0), { code: 'BAD_PARAMETER' });
    assert.throws(() => compressor.compressInto(text, 0, 1, new Uint8Array(9), 10), { code: 'BAD_PARAMETER' });
  });
}

test('gzip agrees with zlib both ways', () => {
  assert.deepEqual(gzipDecompressBounded(gzipSync(text), text.length), text);
  const dst = Buffer.alloc(compressBound('gzip', text.length));
  const written = new Compressor('gzip', 6).compressInto(text, 0, text.length, dst, 0);
  assert.deepEqual(gunzipSync(dst.subarray(0, written)), text);
});

test('zstd takes parameters beyond the level and refuses bad ones', () => {
  const dst = new Uint8Array(compressBound('zstd', text.length));
  const compressor = new Compressor('zstd', 1, {
    windowLog: 17,
    hashLog: 14,
    strategy: 2,
    minMatch: 6,
    targetLength: 1,
  });
  const written = compressor.compressInto(text, 0, text.length, dst, 0);
  assert.deepEqual(zstdDecompressBounded(dst.subarray(0, written), text.length), text);
  assert.throws(() => new Compressor('zstd', 1, { strategy: 10 }), { name: 'CodecError', code: 'BAD_PARAMETER' });
});

test('several threads compress at once', async () => {
  const body = `
    import { parentPort } from 'node:worker_threads';
    import { Compressor, compressBound, zstdDecompressBounded } from ${JSON.stringify(new URL('./codecs.js', import.meta.url).href)};
    const text = Buffer.from('the same line again and again\\n'.repeat(5000));
    const dst = new Uint8Array(compressBound('zstd', text.length));
    const compressor = new Compressor('zstd');
    let good = 0;
    for (let i = 0; i < 50; i++) {
      const written = compressor.compressInto(text, 0, text.length, dst, 0);
      if (zstdDecompressBounded(dst.subarray(0, written), text.length).equals(text)) good++;
    }
    parentPort.postMessage(good);
  `;
  const workers = [1, 2, 3].map(() => new Worker(new URL(`data:text/javascript,${encodeURIComponent(body)}`)));
  const answers = workers.map(
    (worker) =>
      new Promise((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      }),
  );
  assert.deepEqual(await Promise.all(answers), [50, 50, 50]);
});
