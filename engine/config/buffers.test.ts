import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sinkTypes, sourceTypes } from '../../adapters/index.js';
import { ConfigError } from '../errors.js';
import { bufferTerms, describeTerms, sumOfTerms } from './buffers.js';
import { loadSettings } from './load.js';

const adapters = { sinkTypes, sourceTypes };
const load = (env: Record<string, string>) => loadSettings(env, '/tmp', adapters).settings;

const one = { PENSTOCK_WORKERS: '1', PENSTOCK_RECEIVERS: '1' };

test('every buffer has a name and a bound', () => {
  const tls = 'syslog+tls://h:1?certificate=/c&key=/k&connections_max=100';
  const settings = load({ ...one, PENSTOCK_LISTEN: `syslog+udp://h:2,syslog+tcp://h:3,http://h:4,${tls}` });
  const terms = bufferTerms(settings, adapters);
  const bytes = new Map(terms.map((term) => [term.name, term.bytes]));
  assert.equal(bytes.get('rings'), 2 * settings.ringBytes);
  assert.equal(bytes.get('partial frames'), settings.partialBytesMax);
  assert.equal(bytes.get('bodies of http:4'), 256 * 2 ** 20);
  assert.equal(bytes.get('connections of syslog+tls:1'), 100 * 48 * 1024);
  assert.ok(bytes.has('reads of syslog+udp:2') && bytes.has('connections of syslog+tcp:3'));
  assert.ok(terms.every((term) => term.bytes > 0 && term.lowerBy !== ''));
  const dictionaries = load({ ...one, PENSTOCK_ENCODING: 'frames', PENSTOCK_DICTIONARIES: 'on' });
  const samples = bufferTerms(dictionaries, adapters).find(({ name }) => name === 'samples for dictionaries');
  assert.equal(samples?.bytes, 2 * dictionaries.listeners.length * 2 ** 20);
  const lines = describeTerms(terms);
  assert.match(lines.at(-1) ?? '', /together/);
  assert.equal(lines.length, terms.length + 1);
});

test('bounds that do not fit below the ceiling are told with what to lower', () => {
  const settings = load(one);
  const sum = sumOfTerms(bufferTerms(settings, adapters));
  assert.equal(load({ ...one, PENSTOCK_MEMORY_MAX: String(sum) }).memoryMax, sum);
  assert.throws(
    () => load({ ...one, PENSTOCK_MEMORY_MAX: String(sum - 1) }),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /PENSTOCK_MEMORY_MAX/);
      assert.match(error.message, /partial frames/);
      assert.match(error.message, /lower .*PENSTOCK_PARTIAL_BYTES_MAX/);
      return true;
    },
  );
  const less = { PENSTOCK_PARTIAL_BYTES_MAX: '16MiB', PENSTOCK_LISTEN: 'syslog+tcp://127.0.0.1:5514' };
  assert.ok(sumOfTerms(bufferTerms(load({ ...one, ...less }), adapters)) < 512 * 2 ** 20);
});
