import { defineCommands, textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';
import { replyHelp } from '../help.ts';
import { doctorText } from './doctor.ts';
import { graphText } from './graph.ts';
import { histogram } from './histogram.ts';

export const latencyCommands = defineCommands<ServerContext>([
  { name: 'latency', summary: 'Commands about what took long.', complexity: 'Depends on subcommand.' },
  { name: 'latency|doctor', summary: 'What took long, and what helps.', complexity: 'O(1)', run: doctor },
  { name: 'latency|graph', summary: 'A picture of the spikes of an event.', complexity: 'O(1)', run: graph },
  {
    name: 'latency|histogram',
    summary: 'How long the calls of commands took, as a cumulative distribution.',
    complexity: 'O(N) where N is the number of commands with latency information',
    run: histogram,
  },
  { name: 'latency|history', summary: 'The spikes of an event.', complexity: 'O(1)', run: history },
  { name: 'latency|latest', summary: 'The last spike of every event.', complexity: 'O(1)', run: latest },
  { name: 'latency|reset', summary: 'Forgets the spikes of events.', complexity: 'O(1)', run: reset },
  { name: 'latency|help', summary: 'Tells about the subcommands.', complexity: 'O(1)', run: help },
]);

function doctor({ kernel, reply }: ServerContext): void {
  reply.verbatim('txt', doctorText(kernel));
}

function graph({ kernel, reply }: ServerContext, args: Args): void {
  const name = textAt(args, 2);
  const event = kernel.latency.events.get(name);
  if (event === undefined) return reply.error(`ERR No samples available for event '${name}'`);
  reply.verbatim('txt', graphText(name, event, Math.floor(kernel.nowMs / 1000)));
}

/** LATENCY HISTORY event: [unix seconds, milliseconds] of each spike, oldest first. */
function history({ kernel, reply }: ServerContext, args: Args): void {
  const samples = kernel.latency.events.get(textAt(args, 2))?.samples ?? [];
  reply.array(samples.length);
  for (const { ms, unixSeconds } of samples) {
    reply.array(2);
    reply.integer(unixSeconds);
    reply.integer(ms);
  }
}

/** [event, unix seconds and milliseconds of its last spike, milliseconds of its longest] for each event. */
function latest({ kernel, reply }: ServerContext): void {
  const { events } = kernel.latency;
  reply.array(events.size);
  for (const [name, { maxMs, samples }] of events) {
    const last = samples[samples.length - 1];
    reply.array(4);
    reply.bulkText(name);
    reply.integer(last.unixSeconds);
    reply.integer(last.ms);
    reply.integer(maxMs);
  }
}

function reset({ kernel, reply }: ServerContext, args: Args): void {
  const names: string[] = [];
  for (let i = 2; i < args.count; i++) names.push(textAt(args, i));
  reply.integer(kernel.latency.reset(names));
}

function help(context: ServerContext): void {
  replyHelp(context, 'LATENCY', [
    'DOCTOR',
    '    Return what took long, in words, with what can be done about it.',
    'GRAPH <event>',
    '    Return a picture of the spikes of <event>.',
    'HISTORY <event>',
    '    Return the spikes of <event> as unix time and milliseconds.',
    'LATEST',
    '    Return the last and the longest spike of every event.',
    'RESET [<event> ...]',
    '    Forget the spikes of the events (default: of all), return how many there were.',
    'HISTOGRAM [<command> ...]',
    '    Return how long calls of the commands (default: of all) took, as a cumulative',
    '    distribution in microseconds.',
  ]);
}
