import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utcOffsetSeconds } from './time-zone.js';

const summer = Date.UTC(2024, 6, 1);
const winter = Date.UTC(2024, 0, 1);

test('offsets and names', () => {
  const cases: [string, number | undefined][] = [
    ['UTC', 0],
    ['Z', 0],
    ['+02:00', 7200],
    ['-0330', -12_600],
    ['UTC+05:45', 20_700],
    ['+14:00', 50_400],
    ['+15:00', undefined],
    ['+01:75', undefined],
    ['', undefined],
    ['Nowhere/Land', undefined],
  ];
  for (const [zone, expected] of cases) assert.equal(utcOffsetSeconds(zone, winter), expected, zone);
});

test('a zone with daylight saving has the offset of the moment', () => {
  assert.equal(utcOffsetSeconds('Europe/Berlin', winter), 3600);
  assert.equal(utcOffsetSeconds('Europe/Berlin', summer), 7200);
  assert.equal(utcOffsetSeconds('America/St_Johns', winter), -12_600);
  assert.equal(utcOffsetSeconds('Asia/Kathmandu', winter), 20_700);
});
