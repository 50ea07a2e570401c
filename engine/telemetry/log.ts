/** The process's log: JSON lines on standard error, secrets masked, repeated warnings and errors counted. */
import { type DestinationStream, destination, type Level, type Logger, pino } from 'pino';

const repeatWindowMs = 10_000;
const distinctMax = 256;

/** Field names whose values never appear, at the top and one level below. */
const secrets = ['password', 'token', 'secret', 'authorization', 'key'];

const childrenOf = new WeakMap<Logger, Set<WeakRef<Logger>>>();

/**
 * The first of equal warnings or errors (same level and text) is written at once; those that follow within ten seconds
 * are counted, and one line with `repeated` follows.
 */
export function createLog(
  level: Level | 'silent',
  stream: DestinationStream = standardError(),
  windowMs: number = repeatWindowMs,
): Logger {
  const repeats = new Map<string, { count: number; write: (count: number) => void }>();
  const warn = pino.levels.values.warn as number;

  const children = new Set<WeakRef<Logger>>();
  const log = pino(
    {
      level,
      onChild: (child: Logger) => children.add(new WeakRef(child)),
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secrets.flatMap((name) => [name, `*.${name}`]), censor: '***' },
      hooks: {
        logMethod(args, method, number) {
          const text = typeof args[0] === 'string' ? args[0] : String(args[1] ?? '');
          const key = `${number} ${text}`;
          const known = repeats.get(key);
          if (number < warn || number > (pino.levels.values.error as number)) return method.apply(this, args);
          if (known) {
            known.count++;
            return;
          }
          method.apply(this, args);
          if (repeats.size >= distinctMax) return;
          const write = (count: number) => method.apply(this, [{ repeated: count }, text]);
          repeats.set(key, { count: 0, write });
          setTimeout(() => {
            const entry = repeats.get(key);
            repeats.delete(key);
            if (entry && entry.count > 0) entry.write(entry.count);
          }, windowMs).unref();
        },
      },
    },
    stream,
  );
  childrenOf.set(log, children);
  return log;
}

/** Lines that cannot be written (a full disk) are kept for the next attempt up to this, and lost beyond: they never end the process. */
const unwrittenBytesMax = 1024 * 1024;

function standardError(): DestinationStream {
  const stream = destination({ fd: 2, sync: true, maxLength: unwrittenBytesMax });
  stream.on('error', () => {});
  return stream;
}

/** Changes the level of a log and of all that were made of it. */
export function setLogLevel(log: Logger, level: Level | 'silent'): void {
  log.level = level;
  for (const reference of childrenOf.get(log) ?? []) {
    const child = reference.deref();
    if (child) child.level = level;
    else childrenOf.get(log)?.delete(reference);
  }
}
