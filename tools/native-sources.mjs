// Lists the C++ sources of one gyp target, so that adding a kernel touches no build file.
// `*_avx2.cc` is compiled with AVX2 + PCLMUL enabled, `*_avx512.cc` with AVX-512 as of Ice Lake and Zen 4; both are reached through runtime dispatch only;
// everything else runs on any x86-64 with SSE 4.2 (and, without SIMD units, on other processors).
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const wanted = process.argv[2];
const files = readdirSync('native/src', { recursive: true })
  .map((file) => join('native/src', String(file)))
  .filter((file) => file.endsWith('.cc') && !file.endsWith('_test.cc'))
  .filter((file) => (file.match(/_(avx2|avx512)\.cc$/)?.[1] ?? 'addon') === wanted)
  .sort();
console.log(files.join('\n'));
