/** What an archive of a data directory holds (leave-main.ts makes it, upgrade.test.ts goes on with it). */

/** A topic of that name is what the Kafka sink in the archive waits for; its broker's address may be another. */
export const topic = 'security.events';

/** Read by the version that wrote the archive. */
export interface Left {
  /** Of the journal, and of the store; sorted by id. */
  readonly events: readonly { readonly id: string; readonly message: string }[];
  /** Of the store; the Kafka sink comes to as many. */
  readonly deadLetters: number;
}

/** The store's path is part of its sink's name: relative to where the process runs. */
export const deliverTo = (kafka: string) => `kafka://${kafka}/${topic},store:./data/store`;
export const storeId = 'store-data-store';

/** Lines of ECS JSON, as `tail` and `journal export` write them; without what the schema refused, which waits in the journal too. */
export function idsAndMessages(lines: string): Left['events'] {
  const events = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { event: { id: string }; message: string })
    .map(({ event, message }) => ({ id: event.id, message }))
    .filter(({ message }) => String(message).includes('seq='));
  return events.sort((a, b) => (a.id < b.id ? -1 : 1));
}
