import { defineCommands, integerAt, isKeyword, NOT_INTEGER, SYNTAX_ERROR } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../context.ts';
import { replyHelp } from './help.ts';
import { memoryFacts } from './info/memory.ts';
import { stats } from './memory-stats.ts';

export const memoryCommands = defineCommands<ServerContext>([
  { name: 'memory', summary: 'Commands about memory.', complexity: 'Depends on subcommand.' },
  {
    name: 'memory|usage',
    summary: 'The bytes that a key and its value take.',
    complexity: 'O(1)',
    run: usage,
  },
  { name: 'memory|doctor', summary: 'What looks wrong with memory.', complexity: 'O(1)', run: doctor },
  { name: 'memory|stats', summary: 'Where memory goes.', complexity: 'O(1)', run: stats },
  {
    name: 'memory|malloc-stats',
    summary: 'What the arena says of itself.',
    complexity: 'O(1)',
    run: mallocStats,
  },
  { name: 'memory|purge', summary: 'Gives unused memory back.', complexity: 'O(1)', run: purge },
  { name: 'memory|help', summary: 'Tells about the subcommands.', complexity: 'O(1)', run: help },
]);

/** MEMORY USAGE key [SAMPLES count]: exact, so that there is nothing to sample. */
function usage({ db, reply }: ServerContext, args: Args): void {
  for (let i = 3; i < args.count; i += 2) {
    if (!isKeyword(args, i, 'samples') || i + 1 >= args.count) return reply.error(SYNTAX_ERROR);
    const samples = integerAt(args, i + 1);
    if (Number.isNaN(samples)) return reply.error(NOT_INTEGER);
    if (samples < 0) return reply.error(SYNTAX_ERROR);
  }
  const entry = db.peek(args.buffer, args.start[2], args.end[2]);
  if (entry === 0) reply.null();
  else reply.integer(db.memoryOf(entry));
}

const LITTLE_BYTES = 5 * 1024 * 1024;
/** Node itself, and what it keeps for connections. */
const OTHER_BYTES = 256 * 1024 * 1024;

function doctor({ kernel, reply }: ServerContext): void {
  const { arenaBytes, clientBytes, limitBytes, peakBytes, reservedBytes, residentBytes, usedBytes } =
    memoryFacts(kernel);
  const findings: string[] = [];
  if (usedBytes < LITTLE_BYTES) {
    return reply.verbatim('txt', 'There is too little data here to say anything about its memory.\n');
  }
  if (peakBytes > usedBytes * 1.5) {
    findings.push('The peak was more than 1.5 times what is in use: the process keeps the memory of the peak.');
  }
  if (reservedBytes > usedBytes * 1.4) {
    findings.push('Over a quarter of the arena is free space between values; new data will use it.');
  }
  if (arenaBytes > reservedBytes * 1.4 + LITTLE_BYTES) {
    findings.push('Over a quarter of the memory that the arena has taken holds nothing; try MEMORY PURGE.');
  }
  if (clientBytes > usedBytes) findings.push('Clients take more than the data: look at CLIENT LIST (tot-mem).');
  if (residentBytes > arenaBytes * 1.4 + OTHER_BYTES) {
    findings.push('The process takes much more than its data: look at client buffers (CLIENT LIST).');
  }
  if (limitBytes > 0 && usedBytes > limitBytes * 0.95) findings.push('maxmemory is nearly reached.');
  reply.verbatim('txt', findings.length === 0 ? 'Nothing looks wrong with memory.\n' : `${findings.join('\n')}\n`);
}

function mallocStats({ kernel, reply }: ServerContext): void {
  const { arenaBytes, peakBytes, reservedBytes, usedBytes } = memoryFacts(kernel);
  const lines = [
    `arena: ${usedBytes} bytes in use, ${peakBytes} at the peak, ${reservedBytes} in pages, ${arenaBytes} taken`,
  ];
  for (const { freePages, index, isOneBlock, pageCount, touchedPages } of kernel.arena.segments) {
    if (pageCount === 0) continue;
    const use = isOneBlock ? 'one block' : `${touchedPages} taken, ${freePages} free`;
    lines.push(`segment ${index}: ${pageCount} pages, ${use}`);
  }
  reply.verbatim('txt', `${lines.join('\n')}\n`);
}

/** What was deleted is freed in slices anyway; here segments go back that hold nothing. */
function purge({ kernel, reply }: ServerContext): void {
  kernel.arena.purge();
  reply.ok();
}

function help(context: ServerContext): void {
  replyHelp(context, 'MEMORY', [
    'DOCTOR',
    '    Return what looks wrong with memory.',
    'MALLOC-STATS',
    '    Return figures of the arena that holds all data.',
    'PURGE',
    '    Give memory that holds nothing back to the system.',
    'STATS',
    '    Return where the memory of the server goes.',
    'USAGE <key> [SAMPLES <count>]',
    '    Return the bytes that <key> and its value take. SAMPLES changes nothing.',
  ]);
}
