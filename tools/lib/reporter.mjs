// Reporter for one test file: every failure in full, then one line of JSON with the totals for tools/test.mjs.
import { inspect } from 'node:util';

export const totalsMark = 'penstock-test-totals ';

export default async function* report(events) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const path = [];
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      path.length = data.nesting;
      path.push(data.name);
    }
    if (type === 'test:pass' && data.details.type !== 'suite') {
      if (data.skip !== undefined || data.todo !== undefined) totals.skipped++;
      else totals.passed++;
    }
    if (type === 'test:fail' && data.details.type !== 'suite') {
      totals.failed++;
      const error = data.details.error.cause ?? data.details.error;
      yield `✗ ${[...path.slice(0, data.nesting), data.name].join(' › ')}\n${inspect(error, { depth: 6 })}\n\n`;
    }
    if (type === 'test:stderr' || type === 'test:stdout') yield data.message;
  }
  yield `${totalsMark}${JSON.stringify(totals)}\n`;
}
