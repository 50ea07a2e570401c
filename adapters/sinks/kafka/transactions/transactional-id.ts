import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { SinkContext, SinkSpec } from '../../../../engine/contracts.js';
import { readChecked, writeChecked } from '../../../../engine/journal/files.js';

/**
 * The transactional id, and the group that the cursor is kept under: of the journal's identity and the sink, so that the next
 * process of this journal fences this one. Without a journal directory: kept in the sink's own.
 */
export function transactionalIdOf(spec: SinkSpec, context: SinkContext): string {
  const identity = context.journalDir === undefined ? null : readChecked(join(context.journalDir, 'identity'));
  const node = (identity as { node?: unknown } | null)?.node;
  if (typeof node === 'number') return `penstock-${node.toString(16).padStart(8, '0')}-${spec.id}`;
  const path = join(context.stateDir, 'transactional-id');
  const kept = readChecked(path);
  if (typeof kept === 'string' && kept !== 'damaged') return kept;
  const id = `penstock-${randomBytes(4).toString('hex')}-${spec.id}`;
  writeChecked(path, id);
  return id;
}
