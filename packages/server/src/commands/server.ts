import { defineCommands, integerAt, isKeyword, NOT_INTEGER } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../context.ts';
import { compatibleVersion } from '../version.ts';

export const processCommands = defineCommands<ServerContext>([
  { name: 'time', summary: 'The time of the server.', complexity: 'O(1)', run: time },
  { name: 'lolwut', summary: 'A crystal, and the version.', complexity: 'O(1)', run: lolwut },
]);

/** Seconds and microseconds; the clock counts milliseconds. */
function time({ nowMs, reply }: ServerContext): void {
  reply.array(2);
  reply.bulkInteger(Math.floor(nowMs / 1000));
  reply.bulkInteger((nowMs % 1000) * 1000);
}

/** LOLWUT [VERSION n] ...: the version changes nothing. */
function lolwut({ kernel, random, reply }: ServerContext, args: Args): void {
  if (args.count > 2 && isKeyword(args, 1, 'version') && !Number.isFinite(integerAt(args, 2))) {
    return reply.error(NOT_INTEGER);
  }
  const height = 4 + (random.uint32() % 5);
  const lines = ['   /\\', '  /| \\'];
  for (let i = 0; i < height; i++) lines.push(random.uint32() % 3 === 0 ? "  | '|" : '  |  |');
  lines.push('  \\| /', '   \\/', '');
  reply.verbatim(
    'txt',
    `${lines.join('\n')}\nRedis ver. ${compatibleVersion}, Kvartz ver. ${kernel.processFacts.version}\n`,
  );
}
