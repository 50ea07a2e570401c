import type { CrashReport } from './crash-run.js';

/** What a run showed, in lines for people. */
export function reportLines(report: CrashReport): string[] {
  const { kills, acknowledged, sentAgain, tcpSent, tcpKept, connectionsCut, lossBytes, lossWindowBytesMax } = report;
  const mean = connectionsCut === 0 ? 0 : Math.round(lossBytes / connectionsCut);
  return [
    `${kills} kills; HTTP: ${acknowledged} events acknowledged, every one in the sink, none twice; ${sentAgain} requests with a key sent again`,
    `plain TCP: ${tcpSent} events sent, ${tcpKept} kept, none twice, none missing before one that was kept`,
    `plain TCP loss window (sockets and rings): ${mean} bytes a connection cut on average, ${lossWindowBytesMax} at most`,
  ];
}

export function replayCommand(sink: string, seed: number, cycles: number): string {
  return `npm run test:crash -- --sink ${sink} --seed ${seed} --cycles ${cycles}`;
}
