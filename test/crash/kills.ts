import { readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { laneDirectory, listLanes } from '../../engine/journal/segments.js';
import type { PenstockProcess } from '../support/penstock-process.js';
import type { World } from './crash-run.js';
import type { CyclePlan, KillKind } from './plan.js';

const backlogMs = 300;
const awaitedMs = 5000;

/** Runs the process and kills it as the plan says; when it resolves, the process is dead. */
export function killIn(world: World, plan: CyclePlan): Promise<void> {
  return kills[plan.kind](world, plan);
}

const kills: Readonly<Record<KillKind, (world: World, plan: CyclePlan) => Promise<void>>> = {
  async steady(world, plan) {
    const penstock = await world.spawnLoaded(plan);
    await delay(plan.delayMs);
    await world.kill(penstock);
  },

  async start(world, plan) {
    await killWhileStarting(world, plan, plan.delayMs);
  },

  async backlog(world, plan) {
    world.target.stall();
    const penstock = await world.spawnLoaded(plan);
    await delay(backlogMs);
    await world.kill(penstock);
    await world.afterKill();
    const next = await world.spawnLoaded(plan);
    world.target.resume();
    await delay(plan.delayMs);
    await world.kill(next);
  },

  async rotation(world, plan) {
    const penstock = await world.spawnLoaded(plan);
    await newSegment(join(world.directory, 'data/journal'), 1 + (plan.laterDelaysMs[0] % 4));
    await delay(plan.delayMs);
    await world.kill(penstock);
  },

  async drain(world, plan) {
    const penstock = await world.spawnLoaded(plan);
    await delay(backlogMs);
    penstock.child.kill('SIGTERM');
    await delay(plan.delayMs);
    await world.kill(penstock);
  },

  async double(world, plan) {
    const penstock = await world.spawnLoaded(plan);
    await delay(plan.delayMs);
    await world.kill(penstock);
    for (const delayMs of plan.laterDelaysMs) {
      await world.afterKill();
      await killWhileStarting(world, plan, delayMs);
    }
  },

  async doubt(world, plan) {
    const penstock = await world.spawnLoaded(plan);
    await delay(backlogMs);
    world.target.stall();
    await delay(plan.delayMs);
    await world.kill(penstock);
    await world.afterKill();
    const next = await world.spawnLoaded(plan);
    await delay(plan.laterDelaysMs[0]);
    world.target.resume();
    await delay(plan.laterDelaysMs[1]);
    await world.kill(next);
  },

  async compaction(world, plan) {
    const penstock = await world.spawnLoaded(plan);
    const child = await childOf(penstock);
    await delay(plan.delayMs);
    // One of the two, or both: the compaction outlives the engine, or the engine the compaction.
    const which = plan.laterDelaysMs[0] % 3;
    if (which !== 0 && child !== null) killQuietly(child);
    if (which === 1) await delay(plan.laterDelaysMs[1]);
    await world.kill(penstock);
  },
};

async function killWhileStarting(world: World, plan: CyclePlan, delayMs: number): Promise<void> {
  const penstock = await world.spawn(plan);
  let dead = false;
  const sending = penstock.ready().then(
    () => {
      if (!dead) world.send(penstock, plan);
    },
    (error: unknown) => {
      if (!dead) throw error;
    },
  );
  await delay(delayMs);
  dead = true;
  await world.kill(penstock);
  await sending;
}

/** Resolves when so many segment files have appeared, or after a while. */
async function newSegment(journal: string, count: number): Promise<void> {
  let left = count;
  const controller = new AbortController();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, awaitedMs);
    controller.signal.addEventListener('abort', () => clearTimeout(timer));
    for (const lane of listLanes(journal)) {
      watch(laneDirectory(journal, lane), { signal: controller.signal }, (event, name) => {
        if (event === 'rename' && name?.endsWith('.seg') && --left === 0) resolve();
      });
    }
  });
  controller.abort();
}

/** The process's child process once it has one; null when none came. */
async function childOf({ child }: PenstockProcess): Promise<number | null> {
  for (const until = Date.now() + awaitedMs; Date.now() < until; await delay(5)) {
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
    if (children !== '') return Number(children.split(' ')[0]);
  }
  return null;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}
