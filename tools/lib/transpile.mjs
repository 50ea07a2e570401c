// Imports a TypeScript file with what it imports, without a build: types are taken off, file by file, below build/transpiled.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { root } from './run.mjs';

const folder = 'build/transpiled';
const done = new Set();

/** @param {string} path from the project's root */
export async function importTranspiled(path) {
  transpile(path);
  return import(pathToFileURL(join(root, folder, path.replace(/\.ts$/, '.js'))).href);
}

function transpile(path) {
  if (done.has(path)) return;
  done.add(path);
  const { outputText } = ts.transpileModule(readFileSync(join(root, path), 'utf8'), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  });
  const out = join(root, folder, path.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, outputText);
  for (const [, imported] of outputText.matchAll(/^(?:import|export)\b[^'"]*['"](\.[^'"]+)\.js['"]/gm))
    transpile(relative(root, join(root, dirname(path), `${imported}.ts`)));
}
