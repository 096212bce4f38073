import { defineCommands, integerAt, isKeyword, NOT_INTEGER, SYNTAX_ERROR } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../context.ts';
import { replyHelp } from './help.ts';
import { memoryFacts } from './info/memory.ts';

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

function doctor({ kernel, reply }: ServerContext): void {
  const { usedBytes, peakBytes, reservedBytes, residentBytes, limitBytes } = memoryFacts(kernel);
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
  if (residentBytes > reservedBytes * 1.4 + 256 * 1024 * 1024) {
    findings.push('The process takes much more than its data: look at client buffers (CLIENT LIST).');
  }
  if (limitBytes > 0 && usedBytes > limitBytes * 0.95) findings.push('maxmemory is nearly reached.');
  reply.verbatim('txt', findings.length === 0 ? 'Nothing looks wrong with memory.\n' : `${findings.join('\n')}\n`);
}

function stats({ databases, kernel, reply }: ServerContext): void {
  const { usedBytes, peakBytes, reservedBytes, residentBytes } = memoryFacts(kernel);
  const keyCount = databases.reduce((sum, database) => sum + database.keyCount, 0);
  const rows: [string, number, 'integer' | 'double'][] = [
    ['peak.allocated', peakBytes, 'integer'],
    ['total.allocated', usedBytes, 'integer'],
    ['startup.allocated', 0, 'integer'],
    ['replication.backlog', 0, 'integer'],
    ['aof.buffer', 0, 'integer'],
    ['keys.count', keyCount, 'integer'],
    ['keys.bytes-per-key', keyCount === 0 ? 0 : Math.floor(usedBytes / keyCount), 'integer'],
    ['dataset.bytes', usedBytes, 'integer'],
    ['dataset.percentage', usedBytes === 0 ? 0 : 100, 'double'],
    ['peak.percentage', peakBytes === 0 ? 0 : (usedBytes / peakBytes) * 100, 'double'],
    ['allocator.allocated', usedBytes, 'integer'],
    ['allocator.active', reservedBytes, 'integer'],
    ['fragmentation', usedBytes === 0 ? 0 : residentBytes / usedBytes, 'double'],
    ['fragmentation.bytes', residentBytes - usedBytes, 'integer'],
  ];
  reply.map(rows.length);
  for (const [name, value, kind] of rows) {
    reply.bulkText(name);
    if (kind === 'double') reply.double(value);
    else reply.integer(value);
  }
}

function mallocStats({ kernel, reply }: ServerContext): void {
  const { usedBytes, peakBytes, reservedBytes } = memoryFacts(kernel);
  reply.verbatim('txt', `arena: ${usedBytes} bytes in use, ${reservedBytes} reserved, ${peakBytes} at the peak\n`);
}

/** The arena keeps its segments: pages that were never touched cost nothing, and others are used again. */
function purge({ reply }: ServerContext): void {
  reply.ok();
}

function help(context: ServerContext): void {
  replyHelp(context, 'MEMORY', [
    'DOCTOR',
    '    Return what looks wrong with memory.',
    'MALLOC-STATS',
    '    Return figures of the arena that holds all data.',
    'PURGE',
    '    Do nothing: the arena uses freed memory again.',
    'STATS',
    '    Return where the memory of the server goes.',
    'USAGE <key> [SAMPLES <count>]',
    '    Return the bytes that <key> and its value take. SAMPLES changes nothing.',
  ]);
}
