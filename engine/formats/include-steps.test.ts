/** Steps that several packs share, from files: `include`. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Explainer } from './explain.js';
import { FormatsError, loadFormats } from './load.js';
import { run } from './test-explainer.js';

/** A user's directory with these files, gone after the test. */
function directory(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-formats-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

function problems(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = directory(t, files);
  try {
    loadFormats(folder);
  } catch (error) {
    if (error instanceof FormatsError) return error.message.replaceAll(folder, '');
    throw error;
  }
  return '';
}

const pack = (name: string, steps: string) =>
  `name: ${name}\ntitle: ${name}\nrecognise: [{starts: ['${name} ']}]\nsteps:\n${steps}`;
const taking = (name: string) => `  - {match: '${name} %{_who:*}', required: true}\n`;

test('two packs run the same steps', (t) => {
  const explainer = new Explainer(
    loadFormats(
      directory(t, {
        'who/steps.yaml': 'steps:\n  - map: {_who: user.name}\n  - set: {event.action: seen}\n',
        'one/pack.yaml': pack('one', `${taking('one')}  - include: who\n  - set: {mark: 1}\n`),
        'two/pack.yaml': pack('two', `${taking('two')}  - include: who\n`),
      }),
    ),
  );
  for (const name of ['one', 'two']) {
    const { taken, event } = run(explainer, `<13>Nov 21 10:00:00 h x: ${name} ann`);
    assert.equal(taken, name);
    assert.equal(event['user.name'], 'ann');
    assert.equal(event['event.action'], 'seen');
    assert.equal(event['one.mark'], name === 'one' ? 1 : undefined);
  }
});

test("a pack may include the product's steps, and the user's own of that name are its instead", (t) => {
  const includes = pack('boxes', `${taking('boxes')}  - map: {_who: user.name}\n  - include: windows-events\n`);
  assert.match(
    problems(t, { 'boxes/pack.yaml': includes }),
    /windows-events\/steps\.yaml:\d+: .*no step before gives it a value/,
  );
  const own = { 'boxes/pack.yaml': includes, 'windows-events/steps.yaml': 'steps: [{set: {event.action: mine}}]\n' };
  const explainer = new Explainer(loadFormats(directory(t, own)));
  assert.equal(run(explainer, '<13>Nov 21 10:00:00 h x: boxes ann').event['event.action'], 'mine');
  const event =
    '<Event><System><Provider Name="P"/><EventID>1102</EventID><Channel>Security</Channel></System></Event>';
  assert.equal(run(explainer, event).event['event.action'], 'audit-log-cleared');
});

test('mistakes are named with the file they stand in', (t) => {
  const found = problems(t, {
    'one/pack.yaml': pack(
      'one',
      '  - include: who\n  - include: nobody\n  - include: ../who\n  - {include: [who], set: {a: 1}}\n',
    ),
    'who/steps.yaml': 'steps:\n  - mach: x\n  - set: {source.port: many}\n  - include: who\n',
    'two/pack.yaml': pack('two', '  - include: set\n'),
    'set/steps.yaml': 'steps:\n  - {}\n  - set: {source.port: many}\n',
    'odd/pack.yaml': pack('odd', '  - include: broken\n'),
    'broken/steps.yaml': 'steps: [\n',
  });
  for (const problem of [
    /^\/who\/steps\.yaml:2: steps\[0\]\.mach.*did you mean match/m,
    /^\/who\/steps\.yaml:4: steps\[2\]\.include.*no such key/m,
    /^\/one\/pack\.yaml:6: steps\[1\]\.include is nobody: there is no folder of that name/m,
    /^\/one\/pack\.yaml:7: steps\[2\]\.include is \.\.\/who: must be the name of a folder/m,
    /^\/one\/pack\.yaml:8: steps\[3\]\.set: there is no such key/m,
    /^\/set\/steps\.yaml:3: steps\[1\]\.set\.source\.port.*does not fit/m,
    /^\/broken\/steps\.yaml:\d+: the file: must be valid YAML/m,
  ])
    assert.match(found, problem);
});

test("the product's Windows events mean the same in XML and in JSON", () => {
  const explainer = new Explainer(loadFormats(null));
  const data = { SubjectUserName: 'ann', TargetUserName: 'bob', TargetDomainName: 'EX', IpAddress: '203.0.113.7' };
  const system = { EventID: '4624', Channel: 'Security', Computer: 'dc1' };
  const names = Object.entries(data).map(([name, value]) => `<Data Name="${name}">${value}</Data>`);
  const elements = Object.entries(system).map(([name, value]) => `<${name}>${value}</${name}>`);
  const xml = `<Event><System><Provider Name="P"/>${elements.join('')}</System><EventData>${names.join('')}</EventData></Event>`;
  const forms = [
    run(explainer, xml),
    run(explainer, { ...system, ProviderName: 'P', ...data }),
    run(explainer, { Event: { System: { ...system, Provider: { '#attributes': { Name: 'P' } } }, EventData: data } }),
    run(explainer, {
      winlog: { event_id: '4624', channel: 'Security', computer_name: 'dc1', provider_name: 'P', event_data: data },
    }),
  ];
  const meaning = forms.map(({ event }) =>
    Object.fromEntries(
      Object.entries(event)
        .filter(([name]) =>
          /^(?:user|source|host|related|winlog|event\.(?:action|category|type|outcome|code|provider))/.test(name),
        )
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );
  assert.equal(meaning[0]?.['user.name'], 'bob');
  for (const one of meaning.slice(1)) assert.deepEqual(one, meaning[0]);
});
