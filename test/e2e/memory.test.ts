/** An engine in this process, whose memory this test can fill. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { sinkTypes, sourceTypes } from '../../adapters/index.js';
import { loadSettings } from '../../engine/config/load.js';
import { startEngine } from '../../engine/engine.js';
import { until } from '../support/until.js';

const mebibyte = 1024 * 1024;

test('above PENSTOCK_MEMORY_MAX nothing is taken in; below it everything goes on', { timeout: 900_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-memory-'));
  const env = {
    PENSTOCK_LISTEN: 'http://127.0.0.1:0',
    PENSTOCK_DELIVER: `store:${directory}/data`,
    PENSTOCK_DATA: `${directory}/data`,
    PENSTOCK_ADMIN: 'off',
    PENSTOCK_WORKERS: '1',
  };
  const { settings } = loadSettings(env, directory, { sourceTypes, sinkTypes });
  // Buffers that fit below the ceiling could not break it: so it is set below them, past the check.
  const memoryMax = process.memoryUsage.rss() + 300 * mebibyte;
  const engine = await startEngine({ ...settings, memoryMax }, pino({ level: 'silent' }));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const port = engine.listeners[0]?.port as number;
  const post = () =>
    new Promise<number>((resolve, reject) => {
      const headers = { 'content-type': 'text/plain' };
      const sent = request({ agent, host: '127.0.0.1', port, path: '/ingest', method: 'POST', headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      });
      sent.on('error', reject).end('an event');
    });
  try {
    assert.equal(await post(), 200);
    let filled: Buffer | null = Buffer.alloc(400 * mebibyte, 1);
    await until('memory is full', () => engine.readings().memory.full);
    assert.equal(await post(), 429, 'on a connection that was there before');
    await once(connect(port, '127.0.0.1').resume(), 'close'); // a new one is closed at once
    assert.equal(filled.length, 400 * mebibyte);
    filled = null;
    await until('what is free was given back', () => !engine.readings().memory.full);
    assert.equal(await post(), 200);
    assert.equal(engine.readings().memory.holds, 1);
  } finally {
    agent.destroy();
    await engine.stop(10_000);
    rmSync(directory, { recursive: true, force: true });
  }
});
