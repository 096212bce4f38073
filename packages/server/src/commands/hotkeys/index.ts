import { type CommandFacts, defineCommands } from '@kvartz/commands';
import { latin1Bytes } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';
import { replyHelp } from '../help.ts';
import { readHotKeysRequest } from './request.ts';

function factsOf(name: string, arity: number, isAdmin: boolean): CommandFacts {
  return {
    name,
    group: 'server',
    since: '8.6.0',
    arity,
    ...(name !== 'hotkeys' && { container: 'hotkeys' }),
    command_flags: isAdmin ? ['ADMIN', 'NOSCRIPT'] : ['LOADING', 'STALE'],
  };
}

export const hotKeysCommands = defineCommands<ServerContext>([
  {
    name: 'hotkeys',
    summary: 'Commands that find the keys which take the most time and the most bytes.',
    complexity: 'Depends on subcommand.',
    facts: { name: 'hotkeys', group: 'server', since: '8.6.0', arity: -2 },
  },
  {
    name: 'hotkeys|start',
    summary: 'Begins to watch what keys cost.',
    complexity: 'O(1)',
    facts: factsOf('start', -2, true),
    run: start,
  },
  {
    name: 'hotkeys|stop',
    summary: 'Ends that, and keeps what was found.',
    complexity: 'O(1)',
    facts: factsOf('stop', 2, true),
    run: stop,
  },
  {
    name: 'hotkeys|get',
    summary: 'The keys that cost the most.',
    complexity: 'O(K) where K is the number of keys returned',
    facts: factsOf('get', 2, true),
    run: get,
  },
  {
    name: 'hotkeys|reset',
    summary: 'Forgets what was found.',
    complexity: 'O(K) where K is the number of keys that were counted',
    facts: factsOf('reset', 2, true),
    run: reset,
  },
  {
    name: 'hotkeys|help',
    summary: 'Tells about the subcommands.',
    complexity: 'O(1)',
    facts: factsOf('help', 2, false),
    run: help,
  },
]);

function start({ isClusterEnabled, kernel, reply }: ServerContext, args: Args): void {
  if (kernel.hotKeys.isRunning) return reply.error('ERR hotkeys tracking session already in progress');
  const request = readHotKeysRequest(args, isClusterEnabled);
  if ('error' in request) return reply.error(request.error);
  kernel.hotKeys.start(request);
  reply.ok();
}

/** Null when none was running. */
function stop({ kernel, reply }: ServerContext): void {
  if (!kernel.hotKeys.isRunning) return reply.null();
  kernel.hotKeys.stop();
  reply.ok();
}

function reset({ kernel, reply }: ServerContext): void {
  if (kernel.hotKeys.reset()) reply.ok();
  else reply.error('ERR hotkeys tracking session in progress, stop tracking first');
}

/** A map of the session's facts, and of its keys by each metric that was asked for; null without a session. */
function get({ kernel, nowMs, reply }: ServerContext): void {
  const { session } = kernel.hotKeys;
  if (session === undefined) return reply.null();
  const { all, endedMs, request, sampled, selected, startedMs } = session;
  const rows: [string, number | readonly [string, number][] | readonly [number, number][]][] = [
    ['tracking-active', endedMs === undefined ? 1 : 0],
    ['sample-ratio', request.sampleRatio],
    ['selected-slots', rangesOf(request.slots)],
  ];
  const isSelecting = request.slots !== undefined;
  if (isSelecting && request.sampleRatio > 1) rows.push(['sampled-commands-selected-slots-us', sampled.usec]);
  if (isSelecting) rows.push(['all-commands-selected-slots-us', selected.usec]);
  rows.push(['all-commands-all-slots-us', all.usec]);
  if (isSelecting && request.sampleRatio > 1) rows.push(['net-bytes-sampled-commands-selected-slots', sampled.bytes]);
  if (isSelecting) rows.push(['net-bytes-all-commands-selected-slots', selected.bytes]);
  rows.push(['net-bytes-all-commands-all-slots', all.bytes]);
  rows.push(['collection-start-time-unix-ms', startedMs], ['collection-duration-ms', (endedMs ?? nowMs) - startedMs]);
  if (session.cpu !== undefined) {
    const { system, user } = kernel.hotKeys.cpuOf(session);
    rows.push(['total-cpu-time-user-ms', user * 1000], ['total-cpu-time-sys-ms', system * 1000]);
  }
  if (session.net !== undefined) rows.push(['total-net-bytes', all.bytes]);
  if (session.cpu !== undefined) rows.push(['by-cpu-time-us', session.cpu.top(request.count)]);
  if (session.net !== undefined) rows.push(['by-net-bytes', session.net.top(request.count)]);

  reply.map(rows.length);
  for (const [name, value] of rows) {
    reply.bulkText(name);
    if (typeof value === 'number') reply.integer(Math.round(value));
    else if (name === 'selected-slots') writeRanges(value as readonly [number, number][]);
    else writeKeys(value as readonly [string, number][]);
  }

  function writeRanges(ranges: readonly [number, number][]): void {
    reply.array(ranges.length);
    for (const [first, last] of ranges) {
      reply.array(first === last ? 1 : 2);
      reply.integer(first);
      if (first !== last) reply.integer(last);
    }
  }

  function writeKeys(keys: readonly [string, number][]): void {
    reply.array(keys.length * 2);
    for (const [key, weight] of keys) {
      reply.bulkBytes(latin1Bytes(key));
      reply.integer(Math.round(weight));
    }
  }
}

function rangesOf(slots: ReadonlySet<number> | undefined): [number, number][] {
  const ranges: [number, number][] = [];
  for (const slot of [...(slots ?? [])].toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === slot - 1) last[1] = slot;
    else ranges.push([slot, slot]);
  }
  return ranges;
}

function help(context: ServerContext): void {
  replyHelp(context, 'HOTKEYS', [
    'START METRICS <count> [CPU] [NET] [COUNT <k>] [DURATION <seconds>] [SAMPLE <ratio>]',
    '      [SLOTS <count> <slot> ...]',
    '    Begin to watch what keys cost: <count> metrics of CPU and NET, to report the <k>',
    '    (default: 10) dearest keys of each, looking at one command in <ratio> (default: 1).',
    'STOP',
    '    End that, and keep what was found.',
    'GET',
    '    Return what was found.',
    'RESET',
    '    Forget what was found.',
  ]);
}
