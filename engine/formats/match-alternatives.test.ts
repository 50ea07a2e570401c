/** Alternatives of `match` on one text, which are told by their first bytes where that can be: the first that fits counts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { casesReceivedNs } from './cases.js';
import { flatten } from './explain.js';
import { explainerOf } from './test-explainer.js';

const explainer = explainerOf({
  doors: `
recognise: [{app: door}]
steps:
  - match: 'never %{_none:*}'
  - match: '%{_verb:word} %{_rest:*}'
  - first_of:
      - {match: 'opened at the front by %{user.name:word}', set: {place: front}}
      - {match: 'opened at the back by %{user.name:word}', set: {place: back}}
      - {match: 'opened at the back by %{user.name:*}', set: {place: back again}}
      - {match: 'open', set: {place: short}}
      - {match: '%{_number:int} opened', map: {_number: event.sequence}, set: {place: numbered}}
      - {match: '%{_left:int}/%{_more:*}/%{_right:int}', map: {_left: left, _right: right}}
      - {from: _none, match: 'opened', set: {place: nowhere}}
      - {from: _rest, match: 'the gate%{_how:*}', set: {place: gate}}
      - {match: 'opened%{_how:*}', set: {place: other}}
      - {match: '%{_how:*}', set: {place: any}}
`,
});

/** The event's own fields, with and without somebody looking on: those are two ways through the alternatives. */
function fieldsOf(text: string) {
  const [alone, seen] = [false, true].map((record) => {
    const frame = Buffer.from(`<38>1 2026-01-15T08:00:00Z host door 1 - - ${text}`);
    const { event } = explainer.explain(frame, { receivedNs: casesReceivedNs, record });
    const fields = flatten(event);
    return Object.fromEntries(
      ['doors.place', 'user.name', 'event.sequence', 'doors.left', 'doors.right'].flatMap((name) =>
        fields[name] === undefined ? [] : [[name, fields[name]]],
      ),
    );
  });
  assert.deepEqual(alone, seen, text);
  return alone;
}

const place = (value: string, more: object = {}) => ({ 'doors.place': value, ...more });

for (const [text, expected] of [
  ['opened at the front by ann', place('front', { 'user.name': 'ann' })],
  ['opened at the back by ann', place('back', { 'user.name': 'ann' })],
  ['opened at the back by ann and bob', place('back again', { 'user.name': 'ann and bob' })],
  ['open', place('short')],
  ['opens', place('any')],
  ['opened', place('other')],
  ['opened the gate wide', place('gate')],
  ['opened the wall wide', place('other')],
  ['7 opened', place('numbered', { 'event.sequence': 7 })],
  ['1234567 opened', place('numbered', { 'event.sequence': 1234567 })],
  ['12345678 opened', place('numbered', { 'event.sequence': 12345678 })],
  ['123456789012 opened', place('numbered', { 'event.sequence': 123456789012 })],
  ['-7 opened', place('numbered', { 'event.sequence': -7 })],
  ['7-8/x/1-2', place('any')],
  ['x7 opened', place('any')],
  ['7x opened', place('any')],
  ['\u00b27 opened', place('any')],
  ['1234567/doors/7654321', { 'doors.left': '1234567', 'doors.right': '7654321' }],
  ['12345678/doors/87654321', { 'doors.left': '12345678', 'doors.right': '87654321' }],
] as const) {
  test(text, () => assert.deepEqual(fieldsOf(text), expected));
}
