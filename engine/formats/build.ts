/** Compiles the product's own packs for `built.ts`; a step of the build. Mistakes in packs are printed, and fail it. */
import { textHash, writeBuilt } from './built.js';
import { counterNames, loadOwn } from './load.js';

try {
  const { sources, compiled } = loadOwn();
  const packs = new Map(
    sources.map(({ pack, text, shared }) => {
      const hash = textHash(text, ...[...shared.values()].map((steps) => steps.text));
      return [pack.name, { text: hash, shared: [...shared.keys()], pack }];
    }),
  );
  writeBuilt({ packs, compiled, counters: [...counterNames()] });
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
