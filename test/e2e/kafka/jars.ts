import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../native/load.js';

const version = '4.3.1';

/** Folder with the jars of Apache Kafka, fetched with Maven on first use (about 50 MB, kept in .cache/). */
export function kafkaJars(): string {
  requireTool('java', ['-version'], 'a Java runtime, 17 or later');
  const folder = join(projectRoot, '.cache', 'kafka', version);
  if (existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('kafka-clients'))) return folder;
  requireTool('mvn', ['--version'], 'Maven');
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const pom = join(projectRoot, 'test', 'e2e', 'kafka', 'pom.xml');
  const maven = spawnSync(
    'mvn',
    ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`, '-DincludeScope=runtime'],
    { encoding: 'utf8' },
  );
  if (maven.status !== 0) {
    rmSync(partial, { recursive: true, force: true });
    throw new Error(`Maven could not fetch Apache Kafka ${version}:\n${maven.stdout}${maven.stderr}`);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
  return folder;
}

function requireTool(name: string, args: readonly string[], what: string): void {
  if (spawnSync(name, args, { stdio: 'ignore' }).status === 0) return;
  throw new Error(
    `the Kafka tests need ${what}: '${name}' does not run (Debian: apt-get install default-jre-headless maven)`,
  );
}
