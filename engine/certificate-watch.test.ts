import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { CertificateWatch, type WatchedListener } from './certificate-watch.js';

const day = 86_400_000;
const now = Date.UTC(2026, 0, 1);

function watching(t: TestContext) {
  const ends = { ms: now };
  const said: string[] = [];
  const spec = { url: 'syslog+tls://127.0.0.1:6514', options: { certificate: 'own.pem' } };
  const open = [
    { spec, source: { certificateEndsMs: () => ends.ms } },
    { spec: { ...spec, url: 'syslog+tcp://127.0.0.1:5514' }, source: {} },
  ] as unknown as WatchedListener[];
  const log = pino(
    { base: null },
    {
      write: (line: string) => {
        const { level, msg, certificate } = JSON.parse(line);
        said.push(`${level} ${certificate} ${msg}`);
      },
    },
  );
  const watch = new CertificateWatch(log, () => open);
  t.after(() => watch.stop());
  return {
    look(daysLeft: number, at = now): string[] {
      ends.ms = at + daysLeft * day;
      said.length = 0;
      watch.look(at);
      return [...said];
    },
    later(days: number): string[] {
      said.length = 0;
      watch.look(ends.ms - days * day);
      return [...said];
    },
  };
}

test('nothing is said of a certificate that is good for months', (t) => {
  assert.deepEqual(watching(t).look(31), []);
});

test('it is said once at each step, and again of another certificate', (t) => {
  const { look, later } = watching(t);
  const warning = '40 own.pem the certificate of syslog+tls://127.0.0.1:6514 ends on 2026-01-21';
  assert.deepEqual(look(20), [warning]);
  assert.deepEqual(later(15), []);
  assert.deepEqual(later(14), [warning]);
  assert.deepEqual(later(0.5), [warning]);
  const ended = '50 own.pem the certificate of syslog+tls://127.0.0.1:6514 is not valid since 2026-01-21';
  assert.deepEqual(later(0), [`${ended}: senders that verify it cannot connect`]);
  assert.deepEqual(later(-1), []);
  assert.deepEqual(look(90), []);
  assert.equal(look(2).length, 1);
});
