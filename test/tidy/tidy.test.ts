/** House rules. Each failure names the place and what to do instead. */
import assert from 'node:assert/strict';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { isGenerated, lineAt, projectFiles } from './files.js';
import { importProblem, layerOf } from './layers.js';

const files = projectFiles();
const paths = new Set(files.map((file) => file.path));
const isTest = (path: string) => path.endsWith('.test.ts') || /(^|\/)(test|tests|fuzz|bench)\//.test(path);
const isCode = (path: string) => /\.(ts|mjs|cc|h|inl|rs)$/.test(path);
const isThisFolder = (path: string) => path.startsWith('test/tidy/');

function none(problems: string[]): void {
  if (problems.length > 0) assert.fail(`broken house rules:\n${problems.join('\n')}`);
}

function matches(wanted: (path: string) => boolean, pattern: RegExp, remedy: string): string[] {
  return files
    .filter(({ path }) => wanted(path) && !isThisFolder(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(pattern)].map((match) => `${path}:${lineAt(text, match.index)}: ${match[0].trim()}: ${remedy}`),
    );
}

test('imports run one way', () => {
  const problems = files
    .filter(({ path }) => path.endsWith('.ts'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)\.js'/g)].map((match) =>
        importProblem(path, `${normalize(join(dirname(path), match[1] as string))}.ts`),
      ),
    );
  none(problems.filter((problem) => problem !== ''));
});

test('the layers are in the order that the rule says', () => {
  const height = (path: string) => layerOf(path) as number;
  assert.ok(height('engine/main.ts') > height('engine/engine.ts'));
  assert.ok(height('engine/engine.ts') > height('workers/pool.ts'));
  assert.ok(height('workers/pool.ts') > height('adapters/sources/http/source.ts'));
  assert.ok(height('adapters/index.ts') > height('engine/contracts.ts'));
  assert.ok(height('engine/config/options.ts') > height('native/load.ts'));
  assert.notEqual(importProblem('adapters/sinks/a/sink.ts', 'engine/engine.ts'), '');
  assert.notEqual(importProblem('adapters/sinks/a/sink.ts', 'adapters/sinks/b/sink.ts'), '');
  assert.notEqual(importProblem('native/a.ts', 'engine/errors.ts'), '');
  assert.equal(importProblem('engine/main.ts', 'native/load.ts'), '');
});

test('only the addon entry file includes napi.h', () => {
  const wanted = (path: string) => path.startsWith('native/') && path !== 'native/src/addon.cc';
  none(matches(wanted, /#include\s*[<"](napi|node_api|node|uv)\.h[>"]/g, 'put the binding in bindings/*.inl'));
});

test('files are short enough to have one reason to be', () => {
  const long = files
    .filter(({ path }) => isCode(path) && !isTest(path) && !isGenerated(path))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > 500);
  none(long.map(({ path, lines }) => `${path} has ${lines} lines: split it by reason`));
});

test('nothing is left for later', () => {
  none(
    matches(isCode, /\b(TODO|FIXME|XXX|HACK)\b|not implemented/g, 'do it, or write it into CHANGELOG.md as missing'),
  );
});

test('nothing waits for a time of day', () => {
  none(
    matches(
      (path) => isCode(path) && !isTest(path),
      /Date\.now\(\) \+/g,
      'a deadline by performance.now(): a clock that is set back would put it off by as much',
    ),
  );
});

test('no test is skipped or alone', () => {
  const pattern = /\b(?:it|test|describe)\.(?:skip|todo|only)\b|\b(?:skip|todo|only): (?:true|')|#\[ignore\]/g;
  none(matches(isCode, pattern, 'mend the test or delete it'));
});

test('no path or host of one machine', () => {
  const text = (path: string) => !/\.(svg|csv)$/.test(path);
  none(matches(text, /(?:^|[\s'"`(=])\/(?:work|farm|root|home\/[a-z]+)\/[\w.-]+/gm, 'name it relative to the project'));
  none(
    matches(
      text,
      /https?:\/\/(?:registry\.npmjs|[\w.-]*(?:artifactory|nexus|verdaccio)|index\.crates)[\w./-]*/g,
      'leave the registry out',
    ),
  );
});

test('TypeScript names what it catches and imports', () => {
  const ts = (path: string) => path.endsWith('.ts') && !isGenerated(path);
  none(matches(ts, /@ts-(?:ignore|nocheck)|biome-ignore(?![^\n]*: \S)/g, 'say the type, or the reason'));
  none(matches(ts, /\bfrom '(?:fs|path|os|net|http|crypto|events|stream|util|url)'/g, "use the 'node:' prefix"));
});

test("a sink's manual names all of its options", () => {
  const manuals = files.filter(({ path }) => /^adapters\/sinks\/[^/]+\/README\.md$/.test(path));
  assert.ok(manuals.length >= 3);
  const problems = manuals.flatMap(({ path, text }) => {
    const options = files.find((file) => file.path === path.replace('README.md', 'options.ts'))?.text ?? '';
    return [...options.matchAll(/\bname: '(\w+)'/g)]
      .map(([, option]) => option as string)
      .filter((option) => !new RegExp(`[\`?]${option}\\b`).test(text))
      .map((option) => `${path}: say what ${option} does`);
  });
  none(problems);
});

test('every adapter has its manual beside its code', () => {
  const folders = new Set(
    files
      .map(({ path }) => /^adapters\/(?:sources|formats|sinks)\/[^/]+(?=\/)/.exec(path)?.[0])
      .filter((f) => f !== undefined),
  );
  const problems: string[] = [];
  for (const folder of folders) {
    if (!paths.has(`${folder}/README.md`)) problems.push(`${folder} has no README.md: its manual`);
    // A format pack is data: engine/formats/packs.test.ts runs its cases.
    const isPack = ['pack.yaml', 'steps.yaml'].some((file) => paths.has(`${folder}/${file}`));
    if (!isPack && !files.some(({ path }) => path.startsWith(`${folder}/`) && path.endsWith('.test.ts'))) {
      problems.push(`${folder} has no test beside its code`);
    }
    const entry = folder.startsWith('adapters/sources/')
      ? 'source.ts'
      : folder.startsWith('adapters/sinks/')
        ? 'sink.ts'
        : '';
    if (entry !== '' && !folder.endsWith('/shared') && !paths.has(`${folder}/${entry}`))
      problems.push(`${folder} has no ${entry}`);
  }
  none(problems);
});
