/** Daylight saving begins and ends while the process runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchZones, zonesOf } from './zone-watch.js';

test('zones are those of the settings and of listeners', () => {
  const listener = { index: 0, url: '', scheme: 'syslog+udp', host: '', port: 1 };
  const listeners = [
    { ...listener, options: { time_zone: 'Europe/Berlin' } },
    { ...listener, options: {} },
  ];
  assert.deepEqual(zonesOf({ timeZone: 'UTC', listeners }), ['UTC', 'Europe/Berlin']);
});

test('a zone whose offset changed is told once, and none when another zone is wanted', () => {
  let now = Date.UTC(2026, 2, 29, 0, 59);
  let zones = ['UTC', 'Europe/Berlin', 'Europe/Paris', 'America/New_York'];
  const told: (readonly string[])[] = [];
  const { look, end } = watchZones(
    () => zones,
    (changed) => told.push(changed),
    () => now,
  );
  look();
  assert.deepEqual(told, []);
  now = Date.UTC(2026, 2, 29, 1, 0);
  look();
  look();
  assert.deepEqual(told, [['Europe/Berlin', 'Europe/Paris']]);
  zones = ['Australia/Sydney'];
  look();
  assert.equal(told.length, 1);
  now = Date.UTC(2026, 3, 4, 16, 0); // the end of summer there
  look();
  assert.deepEqual(told[1], ['Australia/Sydney']);
  end();
});
