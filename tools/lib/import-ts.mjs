// Imports a TypeScript file that needs nothing but types and files beside it, without a build.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { root } from './run.mjs';

/** @param {string} path from the project's root */
export async function importTypeScript(path) {
  return import(dataUrl(path));
}

/** What it imports from files beside it is put in. */
function dataUrl(path) {
  const { outputText } = ts.transpileModule(readFileSync(join(root, path), 'utf8'), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  });
  const whole = outputText.replace(
    /from '\.\/([\w-]+)\.js'/g,
    (_all, name) => `from '${dataUrl(join(dirname(path), `${name}.ts`))}'`,
  );
  return `data:text/javascript;base64,${Buffer.from(whole).toString('base64')}`;
}
