import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../native/load.js';
import { certificateEndsMs, type PemFiles, pemMistakes } from './pem-files.js';

const passphrase = 'correct horse';

test('every mistake in PEM files is named, with its option and path', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-pem-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const put = (name: string, text: string | Buffer) => writeFileSync(join(folder, name), text);
  for (const name of ['certificate.pem', 'key.pem', 'other-certificate.pem', 'other-key.pem'])
    copyFileSync(join(projectRoot, 'test/data/tls', name), join(folder, name));
  const certificate = readFileSync(join(folder, 'certificate.pem'), 'latin1');
  const key = createPrivateKey(readFileSync(join(folder, 'key.pem')));
  put('empty.pem', '\n');
  put('text.pem', 'no PEM at all\n');
  put('der.pem', Buffer.from(certificate.replace(/-----.*-----|\s/g, ''), 'base64'));
  put('broken.pem', certificate.replace(/\n[A-Za-z0-9+/]{8}/, '\nAAAAAAAA'));
  put('half-key.pem', '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n');
  put('pkcs8.pem', key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase }));
  if (key.asymmetricKeyType === 'rsa')
    put('pkcs1.pem', key.export({ format: 'pem', type: 'pkcs1', cipher: 'aes-128-cbc', passphrase }));
  put('both.pem', certificate + readFileSync(join(folder, 'key.pem'), 'latin1'));
  put('chain.pem', certificate + readFileSync(join(folder, 'other-certificate.pem'), 'latin1'));
  mkdirSync(join(folder, 'folder'));

  /** certificate, key, authorities; '' for none; then a pattern for each mistake. */
  const table: readonly (readonly [string, string, string, ...RegExp[]])[] = [
    ['certificate.pem', 'key.pem', ''],
    ['certificate.pem', 'key.pem', 'other-certificate.pem'],
    ['chain.pem', 'key.pem', 'chain.pem'],
    ['both.pem', 'both.pem', 'both.pem'],
    ['', '', 'certificate.pem'],
    ['none.pem', 'key.pem', '', /^one whose certificate=.*none\.pem can be read: there is no such file$/],
    ['certificate.pem/x', 'key.pem', '', /certificate=.* can be read: there is no such file/],
    ['folder', 'key.pem', '', /certificate=.*folder can be read: it is a directory/],
    ['empty.pem', 'key.pem', '', /certificate=.*empty\.pem is a PEM file: it is empty/],
    ['text.pem', 'key.pem', '', /certificate=.*text\.pem has a certificate in PEM: there is none/],
    ['der.pem', 'key.pem', '', /certificate=.*der\.pem has a certificate in PEM: there is none/],
    ['broken.pem', 'key.pem', '', /certificate=.*broken\.pem has certificates in PEM that can be read: /],
    ['certificate.pem', 'certificate.pem', '', /key=.*certificate\.pem has a private key in PEM: there is none/],
    ['certificate.pem', 'half-key.pem', '', /key=.*half-key\.pem has a private key in PEM that can be read: /],
    ['certificate.pem', 'pkcs8.pem', '', /key=.*pkcs8\.pem has a key without a passphrase/],
    ...(key.asymmetricKeyType === 'rsa'
      ? [['certificate.pem', 'pkcs1.pem', '', /key=.*pkcs1\.pem has a key without a passphrase/] as const]
      : []),
    [
      'certificate.pem',
      'other-key.pem',
      '',
      /key=.*other-key\.pem is the key of the first certificate in .*certificate\.pem$/,
    ],
    ['certificate.pem', 'key.pem', 'empty.pem', /client_ca=.*empty\.pem is a PEM file: it is empty/],
    ['certificate.pem', 'key.pem', 'key.pem', /client_ca=.*key\.pem has a certificate in PEM: there is none/],
    [
      'none.pem',
      'pkcs8.pem',
      'text.pem',
      /certificate=.*no such file/,
      /key=.*passphrase/,
      /client_ca=.*there is none/,
    ],
  ];
  for (const [certificateName, keyName, authoritiesName, ...expected] of table) {
    const file = (name: string, path: string) => (path === '' ? {} : { [name]: path });
    const row = [certificateName, keyName, authoritiesName].join(' ');
    const paths = {
      ...file('certificate', certificateName),
      ...file('key', keyName),
      ...file('authorities', authoritiesName),
    };
    const files = Object.fromEntries(
      Object.entries(paths).map(([name, path]) => [
        name,
        { name: name === 'authorities' ? 'client_ca' : name, path: join(folder, path) },
      ]),
    ) as PemFiles;
    const found = pemMistakes(files);
    assert.equal(found.length, expected.length, `${row}: ${found.join('; ')}`);
    for (const [i, pattern] of expected.entries()) assert.match(found[i] ?? '', pattern, row);
    assert.ok(!found.some((mistake) => mistake.includes(passphrase) || mistake.includes('PRIVATE KEY')), row);
  }
});

test('a chain ends with the first of its certificates', () => {
  const [long, short] = ['other-certificate.pem', 'certificate.pem'].map((name) =>
    readFileSync(join(projectRoot, 'test/data/tls', name)),
  ) as [Buffer, Buffer];
  const first = Date.parse(new X509Certificate(short).validTo);
  assert.ok(certificateEndsMs(long) > first);
  assert.equal(certificateEndsMs(short), first);
  assert.equal(certificateEndsMs(Buffer.concat([long, short])), first);
});
