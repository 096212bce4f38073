import {
  defineCommands,
  integerAt,
  isKeyword,
  matchGlob,
  NOT_INTEGER,
  textAt,
  wrongSubcommandArity,
} from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';
import { loadAppendOnlyFile, reload } from '../../persistence/debug-reload.ts';
import { replyHelp } from '../help.ts';
import { dataSetDigest, valueDigests } from './digest.ts';
import { debugObject } from './object.ts';
import { listpack, quicklistPackedThreshold } from './packing.ts';
import { populate } from './populate.ts';
import { protocol } from './protocol.ts';
import { sleep } from './sleep.ts';

/** What test suites use of DEBUG; it works where `enable-debug-command` allows it. */
export const debugCommands = defineCommands<ServerContext>([
  { name: 'debug', summary: 'Commands for tests.', complexity: 'Depends on subcommand.', run: debug },
]);

const NOT_ALLOWED =
  'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local ' +
  'connection, otherwise you need to set this option in the configuration file, and then restart the server.';

interface Subcommand {
  /** Arguments with DEBUG and the subcommand's name. */
  readonly countMin: number;
  readonly countMax: number;
  readonly run: (context: ServerContext, args: Args) => void;
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  digest: { countMin: 2, countMax: 2, run: dataSetDigest },
  'digest-value': { countMin: 2, countMax: Infinity, run: valueDigests },
  error: { countMin: 3, countMax: 3, run: error },
  help: { countMin: 2, countMax: 2, run: help },
  loadaof: { countMin: 2, countMax: 2, run: loadAppendOnlyFile },
  listpack: { countMin: 3, countMax: 3, run: listpack },
  log: { countMin: 3, countMax: 3, run: log },
  object: { countMin: 3, countMax: 4, run: debugObject },
  populate: { countMin: 3, countMax: 5, run: populate },
  protocol: { countMin: 3, countMax: 3, run: protocol },
  'quicklist-packed-threshold': { countMin: 3, countMax: 3, run: quicklistPackedThreshold },
  reload: { countMin: 2, countMax: Infinity, run: reload },
  'set-active-expire': { countMin: 3, countMax: 3, run: setActiveExpire },
  sleep: { countMin: 3, countMax: 3, run: sleep },
  'stringmatch-len': { countMin: 4, countMax: 4, run: stringmatchLen },
};

function debug(context: ServerContext, args: Args): void {
  const { client, kernel, reply } = context;
  const allowed = kernel.config.enableDebugCommand;
  if (allowed === 'no' || (allowed === 'local' && !client.connection.isLoopback)) return reply.error(NOT_ALLOWED);
  const name = textAt(args, 1);
  const subcommand = Object.hasOwn(subcommands, name.toLowerCase()) ? subcommands[name.toLowerCase()] : undefined;
  if (subcommand === undefined || args.count < subcommand.countMin || args.count > subcommand.countMax) {
    return reply.error(wrongSubcommandArity('DEBUG', name));
  }
  subcommand.run(context, args);
}

/** The text is the whole error, its code too. */
function error({ reply }: ServerContext, args: Args): void {
  reply.error(textAt(args, 2));
}

function log({ kernel, reply }: ServerContext, args: Args): void {
  kernel.log.warning(`DEBUG LOG: ${textAt(args, 2)}`);
  reply.ok();
}

/** DEBUG STRINGMATCH-LEN length pattern: matches so many letters `a`, which shows what a pattern can cost. */
function stringmatchLen({ reply }: ServerContext, args: Args): void {
  const length = integerAt(args, 2);
  if (Number.isNaN(length)) return reply.error(NOT_INTEGER);
  if (length < 0 || length > matchBytesMax) return reply.error('ERR value is out of range');
  const text = new Uint8Array(length).fill(0x61);
  const isMatch = matchGlob(args.buffer.u8, args.start[3], args.end[3], text, 0, length);
  reply.integer(isMatch ? 1 : 0);
}

const matchBytesMax = 512 * 1024 * 1024;

function setActiveExpire({ kernel, reply }: ServerContext, args: Args): void {
  kernel.isActiveExpireOn = !isKeyword(args, 2, '0');
  reply.ok();
}

function help(context: ServerContext): void {
  replyHelp(context, 'DEBUG', [
    'DIGEST',
    '    Return a digest of all data, the same on every server that holds the same, Redis too.',
    'DIGEST-VALUE <key> [<key> ...]',
    '    Return a digest for the value of each key.',
    'ERROR <string>',
    '    Answer with <string> as the error.',
    'LISTPACK <key>',
    '    Write to the log what the listpack of <key> has in it.',
    'LOADAOF',
    '    Load the data from the append-only file.',
    'LOG <message>',
    '    Write <message> to the log.',
    'OBJECT <key>',
    '    Return how the value of <key> is kept.',
    'POPULATE <count> [<prefix>] [<size>]',
    '    Make <count> strings, named <prefix>:<number> (default: key) and of <size> bytes.',
    'PROTOCOL <type>',
    '    Answer with a value of that type: string, integer, double, bignum, null, array,',
    '    set, map, attrib, push, verbatim, true, false.',
    'QUICKLIST-PACKED-THRESHOLD <bytes>',
    '    Do nothing: from what size an element of a list is kept alone is fixed.',
    'RELOAD [NOSAVE] [NOFLUSH] [MERGE]',
    '    Save the data, and load them; NOSAVE loads what was saved before, NOFLUSH and MERGE leave what is there.',
    'SET-ACTIVE-EXPIRE <0|1>',
    '    Whether expired keys are removed though nobody looks for them.',
    'SLEEP <seconds>',
    '    Let all clients wait for that time.',
    'STRINGMATCH-LEN <length> <pattern>',
    '    Match a string of <length> letters a, and return whether it fits <pattern>.',
  ]);
}
