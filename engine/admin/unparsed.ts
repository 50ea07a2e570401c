/** GET /api/unparsed?most=20: what no format pack understands. It shows what messages say, so it is answered to the host itself alone. */
import type { IncomingMessage } from 'node:http';
import { printable } from '../telemetry/printable.js';
import { asksByAddress, isLoopback } from './asked-host.js';

export interface UnparsedReport {
  /** Events that no pack understood, since the process started. */
  readonly events: number;
  /** Of those, what the templates do not tell of: kinds too rare to be kept. In a flood both are estimates. */
  readonly forgotten: number;
  /** The most frequent first. */
  readonly templates: readonly { readonly text: string; readonly count: number; readonly samples: readonly string[] }[];
}

const mostDefault = 20;
const mostMax = 2000;

export function unparsedAnswer(
  request: IncomingMessage,
  report: (most: number) => UnparsedReport,
): { status: number; body: object } {
  if (!isLocal(request))
    return {
      status: 403,
      body: {
        error:
          'samples of messages are shown to this host alone: ask its loopback address, or penstock unparsed --live',
      },
    };
  const asked = new URL(request.url ?? '/', 'http://localhost').searchParams.get('most');
  const most = asked === null ? mostDefault : Number(asked);
  if (!Number.isInteger(most) || most < 1 || most > mostMax)
    return { status: 400, body: { error: `most is a number from 1 to ${mostMax}` } };
  const { templates, ...counts } = report(most);
  // What senders wrote must not act on a terminal.
  const shown = templates.map(({ text, count, samples }) => ({
    text: printable(text),
    count,
    samples: samples.map(printable),
  }));
  return { status: 200, body: { ...counts, templates: shown } };
}

/** From the loopback, and asked for by address, whatever the address is that it listens on. */
function isLocal({ socket, headers }: IncomingMessage): boolean {
  return isLoopback(socket.remoteAddress ?? '') && asksByAddress(headers.host);
}
