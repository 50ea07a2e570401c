// One set-up at a time in a folder: a lock file with the owner's process id. A lock whose owner is gone is taken over.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { root } from './run.mjs';

const pollMs = 200;

/** Runs `work` while holding the lock. Waits for another owner, and says so once. */
export async function withLock(file, work) {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  for (let said = false; !tryLock(path); said = true) {
    if (!said) console.log('waiting for another set-up in this folder to end');
    await delay(pollMs);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryLock(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!ownerIsGone(path)) return false;
  rmSync(path, { force: true });
  return false; // raced for like anyone else at the next try
}

function ownerIsGone(path) {
  try {
    const owner = Number(readFileSync(path, 'utf8'));
    if (!Number.isInteger(owner) || owner <= 0) return false; // being written
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
