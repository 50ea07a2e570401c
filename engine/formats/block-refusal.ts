/** What native code says to a building block of a pack, asked while the pack is compiled: there, its file and line are known. */
import { createPacks } from '../../native/formats.js';
import { PlanWriter } from './plan-writer.js';

/** Why the native stage refuses a block with these options; '': it takes them. */
export function blockRefusal(block: string, params: readonly string[]): string {
  const plan = new PlanWriter();
  plan.block(block, params);
  for (let byte = 0; byte < 2 * 256; byte++) plan.add('first_bytes', [0, 0]); // a plan that recognises nothing
  try {
    createPacks(plan.bytes());
    return '';
  } catch (error) {
    return oneLine((error as Error).message);
  }
}

/** The regex engine draws the pattern and points into it over several lines; its reason stands in the last one. */
function oneLine(message: string): string {
  const reason = /(?:^|\n)error: (.+)$/s.exec(message)?.[1];
  return (reason ?? message).replaceAll(/\s*\n\s*/g, ' ');
}
