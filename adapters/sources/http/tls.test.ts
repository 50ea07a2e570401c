import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../native/load.js';
import { refuseCertificate } from '../../../test/support/tls-alert.js';
import { withListener } from './testing.js';

const pem = (name: string) => join(projectRoot, 'test/data/tls', name);
const certificate = pem('certificate.pem');
const key = pem('key.pem');
const ca = readFileSync(certificate);
const client = { cert: ca, key: readFileSync(key) };

/** Status and body of a POST over TLS. */
function post(port: number, options: object): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(
      { host: 'localhost', port, path: '/ingest', method: 'POST', ca, headers, agent: false, ...options },
      (response) => {
        let body = '';
        response.on('data', (part) => {
          body += part;
        });
        response.on('end', () => resolve({ status: response.statusCode, body }));
      },
    );
    sent.on('error', reject);
    sent.end('{"a":1}');
  });
}

test('https takes events; TLS 1.1 is refused', async () => {
  await withListener(
    { certificate, key },
    async (http) => {
      assert.deepEqual(await post(http.port, {}), { status: 200, body: '{"accepted":1}\n' });
      assert.equal((await post(http.port, { maxVersion: 'TLSv1.2' })).status, 200);
      await assert.rejects(post(http.port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' }));
      assert.equal(http.delivered.length, 2);
      // A peer that speaks no TLS, and one that leaves, harm nobody.
      await http.raw('POST /ingest HTTP/1.1\r\nHost: h\r\n\r\n');
      await http.raw(Buffer.of(0x16), 50);
      assert.equal((await post(http.port, {})).status, 200);
      await refuseCertificate(http.port);
      const failures = () =>
        Object.fromEntries([...http.counts].filter(([name]) => name.startsWith('handshake_failures_total')));
      while (Object.keys(failures()).length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual(failures(), {
        'handshake_failures_total.unsupported': 1,
        'handshake_failures_total.not_tls': 1,
        'handshake_failures_total.closed': 1,
        'handshake_failures_total.alert': 1,
      });
    },
    { scheme: 'https' },
  );
});

test('a handshake that does not end is cut off', async () => {
  await withListener(
    { certificate, key, headers_timeout_ms: 200 },
    async (http) => {
      assert.ok((await http.raw(Buffer.from('160301', 'hex'))).closed);
      assert.equal(http.counts.get('handshake_failures_total.timeout'), 1);
    },
    { scheme: 'https' },
  );
});

test('with client_ca, clients show a certificate', async () => {
  await withListener(
    { certificate, key, client_ca: certificate },
    async (http) => {
      await assert.rejects(post(http.port, {}));
      assert.equal((await post(http.port, client)).status, 200);
      assert.equal(http.delivered.length, 1);
      const other = { cert: readFileSync(pem('other-certificate.pem')), key: readFileSync(pem('other-key.pem')) };
      await assert.rejects(post(http.port, other));
      await assert.rejects(post(http.port, { ...other, maxVersion: 'TLSv1.2' }));
      while (http.counts.get('handshake_failures_total.certificate') !== 3)
        await new Promise((resolve) => setTimeout(resolve, 5));
    },
    { scheme: 'https' },
  );
});

test('what is missing or unreadable is said when the listener is made', async () => {
  const nothing = () => Promise.resolve();
  await assert.rejects(withListener({}, nothing, { scheme: 'https' }), { code: 'TLS_CERTIFICATE_MISSING' });
  await assert.rejects(withListener({ certificate: '/no/such.pem', key }, nothing, { scheme: 'https' }), {
    code: 'TLS_FILE_UNREADABLE',
  });
  await assert.rejects(withListener({ certificate: key, key }, nothing, { scheme: 'https' }), {
    code: 'TLS_FILE_INVALID',
  });
});

test('an address that is taken is said when the listener starts', async () => {
  await withListener({}, async (http) => {
    const again = withListener({}, () => Promise.resolve(), { port: http.port });
    await assert.rejects(again, { code: 'LISTEN_ADDRESS_IN_USE' });
  });
});
