/** What events get of databases of addresses, and files that come, change and are damaged. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { geoFieldNames } from '../../native/enrich.js';
import { projectRoot } from '../../native/load.js';
import type { EnrichSettings } from '../config/enrich.js';
import { Explainer } from '../formats/explain.js';
import { loadFormats } from '../formats/load.js';
import { type Enrichment, loadEnrichment } from './enrichment.js';
import { EnrichmentWatch } from './enrichment-watch.js';

const database = (name: string) => join(projectRoot, 'test/data/geoip/test-data', `${name}.mmdb`);
const settings = (geoip: readonly string[], fields: readonly string[] = geoFieldNames()): EnrichSettings => ({
  geoip,
  geoFields: fields.reduce((bits, name) => bits | (1 << geoFieldNames().indexOf(name)), 0),
  network: new Set(),
  internalNetworks: [],
  indicators: [],
  assets: [],
  rules: null,
  redactKey: '',
  topics: [],
  pollMs: 0,
});
const formats = loadFormats(null);

/** What a JSON event gets. */
async function enriched(event: object, chosen: EnrichSettings): Promise<Readonly<Record<string, unknown>> | undefined> {
  const explainer = new Explainer(formats, (await loadEnrichment(chosen)).plan);
  const line = Buffer.from(JSON.stringify(event));
  return explainer.explain(line, { json: true, receivedNs: 1n }).enriched?.fields;
}

const both = settings([database('GeoLite2-City-Test'), database('GeoLite2-ASN-Test')]);

test('a public address gets place and network, by side', async () => {
  assert.deepEqual(await enriched({ source: { ip: '2.125.160.216' }, destination: { ip: '89.160.20.112' } }, both), {
    'source.geo.city_name': 'Boxford',
    'source.geo.continent_code': 'EU',
    'source.geo.continent_name': 'Europe',
    'source.geo.country_iso_code': 'GB',
    'source.geo.country_name': 'United Kingdom',
    'source.geo.location.lat': 51.75,
    'source.geo.location.lon': -1.25,
    'source.geo.postal_code': 'OX1',
    'source.geo.region_iso_code': 'GB-WBK',
    'source.geo.region_name': 'West Berkshire',
    'source.geo.timezone': 'Europe/London',
    'destination.as.number': 29518,
    'destination.as.organization.name': 'Bredband2 AB',
    'destination.geo.city_name': 'Linköping',
    'destination.geo.continent_code': 'EU',
    'destination.geo.continent_name': 'Europe',
    'destination.geo.country_iso_code': 'SE',
    'destination.geo.country_name': 'Sweden',
    'destination.geo.location.lat': 58.4167,
    'destination.geo.location.lon': 15.6167,
    'destination.geo.region_iso_code': 'SE-E',
    'destination.geo.region_name': 'Östergötland County',
    'destination.geo.timezone': 'Europe/Stockholm',
  });
});

test('client, server and host; ECS has no network of a host', async () => {
  const fields = await enriched(
    { client: { ip: '89.160.20.112' }, server: { ip: '::ffff:89.160.20.112' }, host: { ip: ['89.160.20.112'] } },
    settings(both.geoip, ['geo.country_iso_code', 'as.number']),
  );
  assert.deepEqual(fields, {
    'client.as.number': 29518,
    'client.geo.country_iso_code': 'SE',
    'server.as.number': 29518,
    'server.geo.country_iso_code': 'SE',
    'host.geo.country_iso_code': 'SE',
  });
});

test('what the sender says of a place stays, and other addresses than public ones are not looked up', async () => {
  const said = { source: { ip: '2.125.160.216', geo: { country_iso_code: 'XX' } } };
  assert.deepEqual(await enriched(said, both), {});
  for (const ip of [
    '10.1.2.3',
    '192.168.0.1',
    '172.31.255.255',
    '100.64.0.1',
    '169.254.1.1',
    '127.0.0.1',
    'fe80::1',
    'fc00::1',
    '224.0.0.1',
    '::1',
  ])
    assert.deepEqual(await enriched({ source: { ip } }, both), {}, ip);
});

test('of two databases the first that knows a field counts, whatever their kind', async () => {
  const fields = (names: readonly string[]) =>
    enriched({ source: { ip: '2001:218::1' } }, settings(names.map(database), ['geo.country_iso_code', 'as.number']));
  assert.deepEqual(await fields(['GeoIP2-Country-Test']), { 'source.geo.country_iso_code': 'JP' });
  assert.deepEqual(await fields(['GeoLite2-City-Test', 'GeoIP2-Country-Test']), {
    'source.geo.country_iso_code': 'JP',
  });
  const enterprise = await enriched(
    { source: { ip: '74.209.24.0' } },
    settings([database('GeoIP2-Enterprise-Test')], ['as.number', 'as.organization.name']),
  );
  assert.deepEqual(enterprise, {
    'source.as.number': 14671,
    'source.as.organization.name': 'FairPoint Communications',
  });
});

test('a file that is no database, or damaged, or missing, says so', async () => {
  await assert.rejects(
    loadEnrichment(settings([join(projectRoot, 'package.json')])),
    /package\.json is no database of addresses/,
  );
  await assert.rejects(loadEnrichment(settings(['/nowhere/City.mmdb'])), /City\.mmdb cannot be read: ENOENT/);
  await assert.rejects(loadEnrichment(settings([projectRoot])), /it is no file/);
});

test('a changed file is taken over once it stands still; a damaged one is not', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-geoip-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'db.mmdb');
  copyFileSync(database('GeoLite2-City-Test'), path);
  let current: Enrichment = await loadEnrichment(settings([path]));
  const types: string[] = [];
  const watch = new EnrichmentWatch({
    log: pino({ level: 'silent' }),
    current: () => current,
    take: async (next) => {
      current = next;
      types.push(next.files[0]?.type ?? '');
    },
  });
  await watch.look();
  await watch.look();
  assert.deepEqual(types, []);
  copyFileSync(database('GeoLite2-ASN-Test'), path);
  await watch.look();
  assert.deepEqual(types, [], 'it may not be whole yet');
  await watch.look();
  assert.deepEqual(types, ['GeoLite2-ASN']);
  writeFileSync(path, 'half of a file');
  for (let i = 0; i < 4; i++) await watch.look();
  assert.deepEqual([types.length, watch.figures], [1, { swaps: 1, failures: 1 }]);
  rmSync(path);
  for (let i = 0; i < 3; i++) await watch.look();
  assert.equal(current.files[0]?.type, 'GeoLite2-ASN', 'what was in use goes on');
  copyFileSync(database('GeoIP2-ISP-Test'), path);
  for (let i = 0; i < 2; i++) await watch.look();
  assert.deepEqual(types, ['GeoLite2-ASN', 'GeoIP2-ISP']);
});
