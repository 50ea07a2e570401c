import assert from 'node:assert';
import { test } from 'node:test';
import { oauthbearer } from './oauthbearer.js';
import { plain } from './plain.js';
import { scram } from './scram.js';

test('SCRAM-SHA-256: the exchange of RFC 7677, section 3', () => {
  const client = scram('sha256', 'user', 'pencil', 'rOprNGfwEbeRWgbNEkqO');
  assert.strictEqual(client.first().toString(), 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
  const combined = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const answer = client.next(Buffer.from(`r=${combined},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`));
  assert.strictEqual(answer?.toString(), `c=biws,r=${combined},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`);
  assert.strictEqual(client.next(Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')), null);
});

test('SCRAM: impostors and refusals', () => {
  const first = 'r=abcX,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096';
  const cases: [string, string | null, RegExp][] = [
    ['r=zzz,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096', null, /nonce/],
    ['r=abc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096', null, /nonce/],
    ['r=abcX,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1', null, /iterations/],
    ['r=abcX,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=999999999', null, /iterations/],
    ['r=abcX,i=4096', null, /salt/],
    [first, 'e=invalid-proof', /refused the password/],
    [first, 'v=AAAA', /impostor/],
    [first, '', /impostor/],
  ];
  for (const [one, two, expected] of cases) {
    const client = scram('sha512', 'u', 'p', 'abc');
    assert.throws(() => {
      client.next(Buffer.from(one));
      client.next(Buffer.from(two ?? ''));
    }, expected);
  }
});

test('SCRAM: names are escaped', () => {
  assert.strictEqual(scram('sha256', 'a=b,c', 'p', 'n').first().toString(), 'n,,n=a=3Db=2Cc,r=n');
});

test('PLAIN and OAUTHBEARER', () => {
  assert.strictEqual(plain('u', 'p').first().toString(), '\0u\0p');
  const bearer = oauthbearer('tok');
  assert.strictEqual(bearer.first().toString(), 'n,,\x01auth=Bearer tok\x01\x01');
  assert.strictEqual(bearer.next(Buffer.alloc(0)), null);
  assert.throws(() => bearer.next(Buffer.from('{"status":"invalid_token"}')), /invalid_token/);
});
