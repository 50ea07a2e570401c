import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { until } from '../test/support/until.js';
import type { ListenerSpec, SourceContext } from './contracts.js';
import { ListenerSlots } from './listener-slots.js';
import { Listeners } from './listeners.js';

/** Receivers whose listeners stay full until they are told to let go. */
function world(handOverMs = 20) {
  const open = new Map<number, number>();
  const held = new Map<number, () => void>();
  const used: number[] = [];
  const refused = new Set<string>();
  const receivers = {
    listenTcp({ index, port, host }: ListenerSpec): number {
      if (refused.has(host) || [...open.values()].includes(port)) throw new Error(`cannot listen at ${host}:${port}`);
      open.set(index, port);
      used.push(index);
      return port;
    },
    close: (index: number) => {
      assert.ok(!held.has(index), 'closed once');
      if (!open.delete(index)) return Promise.resolve();
      return new Promise<void>((resolve) => held.set(index, resolve));
    },
  };
  const context = { log: pino({ level: 'silent' }), receivers, limits: { messageBytesMax: 8192 } };
  const none = { events: 0, split: 0, joined: 0, failed: 0, bytes: 0, figures: {} };
  const slots = new ListenerSlots(4, []);
  const listeners = new Listeners(slots, context as unknown as SourceContext, () => none, handOverMs);
  const apply = (...urls: readonly string[]) =>
    listeners.apply(listeners.prepare({ listeners: urls.map(spec), priority: [], utcOffsetSeconds: 0 }));
  const letGo = (index: number): void => {
    held.get(index)?.();
    held.delete(index);
  };
  const urls = () => listeners.open.map(({ spec: { url } }) => url).sort();
  return { listeners, apply, letGo, held, open, urls, slots, used, refused };
}

function spec(url: string): ListenerSpec {
  const [, host = '', port] = /^\S+:\/\/(\S+):(\d+)$/.exec(url) ?? [];
  return { index: -1, url, scheme: 'syslog+tcp', host, port: Number(port), options: {} };
}

const a = 'syslog+tcp://127.0.0.1:7001';
const b = 'syslog+tcp://127.0.0.1:7002';
const aEverywhere = 'syslog+tcp://0.0.0.0:7001';
const bEverywhere = 'syslog+tcp://0.0.0.0:7002';

test('a change that fails does not wait for what cannot leave; what it closed opens when that has left', async () => {
  const { apply, refused, urls, open, held, letGo, used, slots } = world();
  await apply(a, b);
  refused.add('0.0.0.0');
  await assert.rejects(apply(aEverywhere, b), /cannot listen/);
  assert.deepEqual(urls(), [b]);
  assert.deepEqual([...held.keys()], [0]);
  letGo(0);
  await until('it is open again', () => urls().length === 2);
  assert.deepEqual(urls(), [a, b]);
  assert.deepEqual(used, [0, 1, 0], 'in the slot where its connections were counted');
  assert.deepEqual([...open.keys()].sort(), [0, 1]);
  assert.equal(slots.take(2)?.length, 2, 'the others are free');
});

test('what a failed change opened keeps its slot until it is closed', async () => {
  const { apply, refused, letGo, slots, urls } = world();
  await apply(b);
  refused.add('0.0.0.0');
  await assert.rejects(apply(a, bEverywhere), /cannot listen/);
  assert.equal(slots.take(3), undefined, 'two slots are free');
  letGo(1);
  await until('its slot is free', () => slots.take(3) !== undefined);
  letGo(0);
  await until('the one in the way is back', () => urls().length === 1);
});

test('a change after a failed one takes what that left closed, which does not come back', async () => {
  const { apply, refused, letGo, urls, used, listeners, slots } = world();
  await apply(a);
  refused.add('0.0.0.0');
  await assert.rejects(apply(aEverywhere), /cannot listen/);
  await assert.rejects(apply(aEverywhere), /cannot listen/);
  assert.equal(listeners.former().length, 1, 'its counters are kept');
  await apply(a);
  const { length } = used;
  letGo(0);
  await until('the slot of the old one is free', () => slots.take(3) !== undefined);
  assert.deepEqual(urls(), [a]);
  assert.equal(used.length, length, 'nothing else was opened');
});

test('what came back while a change was being prepared is not left open beside it', async () => {
  const { listeners, apply, refused, letGo, urls, open } = world();
  await apply(a);
  refused.add('0.0.0.0');
  await assert.rejects(apply(aEverywhere), /cannot listen/);
  const change = listeners.prepare({ listeners: [spec(b)], priority: [], utcOffsetSeconds: 0 });
  letGo(0);
  await until('it is open again', () => urls().length === 1);
  await listeners.apply(change);
  assert.deepEqual(urls(), [b]);
  assert.deepEqual([...open.values()], [7002]);
});

test('once they are being closed nothing opens any more: neither what is new nor what was to come back', async () => {
  const { listeners, apply, refused, letGo, held, open, used } = world();
  await apply(a);
  refused.add('0.0.0.0');
  await assert.rejects(apply(aEverywhere), /cannot listen/);
  const reload = apply(a, b);
  const closing = listeners.close();
  await assert.rejects(reload, { code: 'STOPPING' });
  const { length } = used;
  for (const index of [...held.keys()]) letGo(index);
  await closing;
  assert.equal(open.size, 0);
  assert.equal(used.length, length);
});

test('what a change has opened by then is closed with the others', async () => {
  const { listeners, apply, letGo, held, open } = world(60_000);
  await apply(b);
  const refused = assert.rejects(apply(a), { code: 'STOPPING' }); // a is opened, then b waited for
  await until('b is being closed', () => held.has(0));
  const closing = listeners.close();
  await until('both are being closed', () => held.size === 2);
  for (const index of [...held.keys()]) letGo(index);
  await Promise.all([closing, refused]);
  assert.equal(open.size, 0);
});
