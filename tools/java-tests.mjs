// The Java modules' tests, by Maven. Where there is no JDK 17, no Maven or no way to its repository, says so instead.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './lib/run.mjs';

const modules = ['modules/frames-java'];
const leastJdk = 17;

export async function runJavaTests() {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const missing = await whatIsMissing();
  for (const module of modules) {
    if (missing !== '') {
      console.log(`absent  ${module}: not tested, ${missing}`);
      continue;
    }
    const counts = await runModule(module);
    for (const key of Object.keys(totals)) totals[key] += counts[key];
  }
  return totals;
}

async function whatIsMissing() {
  const java = await output('javac', ['-version']);
  const version = Number(/javac (\d+)/.exec(java)?.[1] ?? 0);
  if (version < leastJdk) return `there is no JDK ${leastJdk} or later`;
  return /Maven/.test(await output('mvn', ['-v'])) ? '' : 'there is no Maven (mvn)';
}

async function output(command, args) {
  try {
    return (await run(command, args)).output;
  } catch {
    return '';
  }
}

async function runModule(module) {
  const reports = join(root, module, 'target/surefire-reports');
  rmSync(reports, { recursive: true, force: true });
  const { code, output: said, seconds } = await run('mvn', ['-B', '-q', '-f', join(module, 'pom.xml'), 'test']);
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const text of reportTexts(reports)) {
    const found = /Tests run: (\d+), Failures: (\d+), Errors: (\d+), Skipped: (\d+)/.exec(text);
    const [all, failures, errors, skipped] = (found ?? []).slice(1).map(Number);
    counts.passed += all - failures - errors - skipped;
    counts.failed += failures + errors;
    counts.skipped += skipped;
  }
  const ran = counts.passed + counts.failed > 0;
  if (code !== 0 && !ran && /Could not (resolve|transfer)|Unknown host|offline mode/.test(said)) {
    console.log(`absent  ${module}: not tested, Maven cannot reach its repository`);
    return counts;
  }
  if ((code !== 0 || !ran) && counts.failed === 0) counts.failed++;
  if (counts.failed === 0) console.log(`ok      ${module} (${counts.passed}, ${seconds.toFixed(1)} s)`);
  else console.log(`FAILED  ${module}\n${said}`);
  return counts;
}

function reportTexts(folder) {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.txt'))
      .map((file) => readFileSync(join(folder, file), 'utf8'));
  } catch {
    return [];
  }
}
