/**
 * Nanoseconds per command: what `run` takes, without decoding, dispatch and output.
 *
 *   taskset -c 1 node packages/commands/src/data-commands.bench.ts [--small] [keys] [milliseconds per command]
 *
 * Commands on keys go through `keys` keys in a random order drawn in advance, so that a large number shows cache misses.
 */
import { ByteBuffer, Prng } from '@kvartz/base';
import { Arena, Keyspace } from '@kvartz/engine';
import { Args, ReplyWriter } from '@kvartz/resp';
import { type CommandContext, dataCommands } from './index.ts';

const nothing = (): void => {};

/** A server that nobody watches and nothing follows. */
class BenchContext implements CommandContext {
  readonly reply = new ReplyWriter(4 * 1024 * 1024);
  readonly db = new Keyspace({ arena: new Arena(), hashKey: [0x2545f491, 0x4f6cdd1d] });
  readonly dbIndex = 0;
  readonly databases = [this.db];
  readonly random = new Prng(1);
  readonly nowMs = 1_700_000_000_000;
  readonly isClusterEnabled = false;
  readonly mustObey = false;
  readonly bulkBytesMax = 2 ** 29;
  readonly hllSparseBytesMax = 3000;
  readonly isPropagating = false;
  readonly readyKey = 0;
  readonly block = nothing;
  readonly missed = nothing;
  readonly missedKey = nothing;
  readonly touchKey = nothing;
  readonly notify = nothing;
  readonly countChanges = nothing;
  readonly wake = nothing;
  readonly touchDatabase = nothing;
  readonly touchAllDatabases = nothing;
  readonly propagate = nothing;
  readonly propagateNothing = nothing;
  keyspaceHits = 0;
  keyspaceMisses = 0;
  expiredFields = 0;
  dirty = 0;

  touch(): void {
    this.dirty++;
  }
}

interface BenchResult {
  readonly name: string;
  readonly nanoseconds: number;
  /** Of all replies: that the same was done. */
  readonly checksum: number;
}

const keyBytes = 16;

/** `setUp` runs once; `requests` are what is timed, round and round. */
const cases: readonly { name: string; setUp: string; timed: string }[] = [
  { name: 'set (32 bytes)', setUp: '', timed: `set KEY ${'x'.repeat(32)}` },
  { name: 'set (integer)', setUp: '', timed: 'set KEY 123456' },
  { name: 'set ... ex', setUp: '', timed: `set KEY ${'x'.repeat(32)} EX 100` },
  { name: 'get (32 bytes)', setUp: `set KEY ${'x'.repeat(32)}`, timed: 'get KEY' },
  { name: 'get (integer)', setUp: 'set KEY 123456', timed: 'get KEY' },
  { name: 'get (missing)', setUp: '', timed: 'get KEY' },
  { name: 'incr', setUp: 'set KEY 1', timed: 'incr KEY' },
  { name: 'incrbyfloat', setUp: 'set KEY 1.5', timed: 'incrbyfloat KEY 0.0' },
  { name: 'incrbyfloat (long)', setUp: 'set KEY 1000000.5', timed: 'incrbyfloat KEY 0.1' },
  { name: 'mset (10 keys)', setUp: '', timed: `mset${` KEY ${'x'.repeat(32)}`.repeat(10)}` },
  { name: 'mget (10 keys)', setUp: `set KEY ${'x'.repeat(32)}`, timed: `mget${' KEY'.repeat(10)}` },
  { name: 'exists', setUp: 'set KEY 1', timed: 'exists KEY' },
  { name: 'del (missing)', setUp: '', timed: 'del KEY' },
  { name: 'expire', setUp: 'set KEY 1', timed: 'expire KEY 100' },
  { name: 'append', setUp: '', timed: 'append KEY x' },
  { name: 'setbit', setUp: 'setbit KEY 1000 0', timed: 'setbit KEY 500 1' },
  { name: 'bitcount (1 MiB)', setUp: 'setrange big 1048575 x', timed: 'bitcount big' },
  { name: 'bitpos (1 MiB)', setUp: 'setrange big 1048575 x', timed: 'bitpos big 1' },
  { name: 'bitop and (1 MiB)', setUp: 'setrange big 1048575 x', timed: 'bitop and to big big' },
  { name: 'bitfield incrby u16', setUp: 'setbit KEY 1000 0', timed: 'bitfield KEY incrby u16 100 1' },
  { name: 'lcs (1000 x 1000)', setUp: `mset a ${'abcde'.repeat(200)} b ${'badce'.repeat(200)}`, timed: 'lcs a b len' },
  { name: 'xadd', setUp: '', timed: 'xadd s * sensor 1234 temperature 19.8' },
  { name: 'xadd ... maxlen ~', setUp: '', timed: 'xadd s maxlen ~ 1000 * sensor 1234 temperature 19.8' },
  { name: 'xrange (100)', setUp: 'xadd s * sensor 1234 temperature 19.8', timed: 'xrange s - + count 100' },
  {
    name: 'xread (newest)',
    setUp: 'xadd s * sensor 1234 temperature 19.8',
    timed: 'xread streams s 1700000000000-99998',
  },
  { name: 'xread (none)', setUp: 'xadd s * sensor 1234 temperature 19.8', timed: 'xread streams s $' },
];

/** Runs every case for about `durationMs` on `keyCount` keys; at 0 once. */
function runCases(keyCount: number, durationMs: number): BenchResult[] {
  const batch = durationMs > 0 ? 50 : 1;
  return cases.map(({ name, setUp, timed }) => {
    const context = new BenchContext();
    context.db.nowMs = context.nowMs;
    if (setUp !== '') for (let i = 0; i < keyCount; i++) runOne(context, requestOf(setUp), (): number => i);
    const order = new Prng(2);
    const request = requestOf(timed);
    const next = (): number => order.uint32() % keyCount;
    let checksum = 0;
    let nanoseconds = Infinity;
    for (let round = 0; round < (durationMs > 0 ? 6 : 1); round++) {
      // Time of this process, not of the machine, which may have others to run; and the best round.
      const startUs = process.cpuUsage().user;
      let count = 0;
      let elapsedUs = 0;
      do {
        for (let i = 0; i < batch; i++) checksum = (Math.imul(checksum, 31) + runOne(context, request, next)) | 0;
        count += batch;
        elapsedUs = process.cpuUsage().user - startUs;
      } while (elapsedUs * 6 < durationMs * 1000);
      nanoseconds = Math.min(nanoseconds, (elapsedUs / count) * 1000);
    }
    return { name, nanoseconds, checksum };
  });
}

interface Request {
  readonly args: Args;
  /** Offsets of the numbers in its keys. */
  readonly keyEnds: readonly number[];
  readonly run: (context: CommandContext, args: Args) => void;
}

function requestOf(line: string): Request {
  const words = line.split(' ').map((word) => (word === 'KEY' ? 'key:'.padEnd(keyBytes, '0') : word));
  const args = Args.of(...words);
  const keyEnds = words.flatMap((word, i) => (word.startsWith('key:') ? [args.end[i]] : []));
  return { args, keyEnds, run: dataCommands.find(({ fullName }) => fullName === words[0])!.run! };
}

/** Gives a number that stands for the reply. */
function runOne(context: BenchContext, { args, keyEnds, run }: Request, next: () => number): number {
  for (const end of keyEnds) writeNumber(args.buffer, end, next());
  const { reply } = context;
  reply.position = 0;
  run(context, args);
  return reply.position + reply.buffer.u8[0];
}

function writeNumber(buffer: ByteBuffer, end: number, n: number): void {
  let rest = n;
  for (let i = end - 1; i >= end - 8; i--) {
    const quotient = (rest / 10) | 0;
    buffer.u8[i] = 0x30 + rest - quotient * 10;
    rest = quotient;
  }
}

const isSmall = process.argv.includes('--small');
const numbers = process.argv.slice(2).map(Number).filter(Number.isFinite);
const [keyCount, durationMs] = isSmall ? [10, 0] : [numbers[0] ?? 100_000, numbers[1] ?? 300];
for (const { name, nanoseconds, checksum } of runCases(keyCount, durationMs)) {
  const figure = nanoseconds.toFixed(nanoseconds < 10_000 ? 1 : 0);
  console.log(`${name.padEnd(22)} ${figure.padStart(10)} ns   checksum ${(checksum >>> 0).toString(16)}`);
}
