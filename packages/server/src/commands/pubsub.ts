import { type ByteBuffer, latin1Bytes } from '@kvartz/base';
import { defineCommands, matchGlob, textAt, wrongSubcommandArity } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../context.ts';
import { SubscriptionKind } from '../pubsub/subscriptions.ts';
import { byteStringAt } from './byte-string-argument.ts';
import { replyHelp } from './help.ts';

const { channel, pattern, shardChannel } = SubscriptionKind;

export const pubsubCommands = defineCommands<ServerContext>([
  {
    name: 'subscribe',
    summary: 'Listens to channels.',
    complexity: 'O(n) in the number of channels',
    run: (context, args) => subscribe(context, args, channel, 'subscribe'),
  },
  {
    name: 'unsubscribe',
    summary: 'Stops listening to channels; to all when none is named.',
    complexity: 'O(n) in the number of channels',
    run: (context, args) => unsubscribe(context, args, channel, 'unsubscribe'),
  },
  {
    name: 'psubscribe',
    summary: 'Listens to all channels that match glob patterns.',
    complexity: 'O(n) in the number of patterns',
    run: (context, args) => subscribe(context, args, pattern, 'psubscribe'),
  },
  {
    name: 'punsubscribe',
    summary: 'Stops listening to patterns; to all when none is named.',
    complexity: 'O(n) in the number of patterns',
    run: (context, args) => unsubscribe(context, args, pattern, 'punsubscribe'),
  },
  {
    name: 'ssubscribe',
    summary: 'Listens to shard channels, which live on the node that owns their slot.',
    complexity: 'O(n) in the number of channels',
    run: (context, args) => subscribe(context, args, shardChannel, 'ssubscribe'),
  },
  {
    name: 'sunsubscribe',
    summary: 'Stops listening to shard channels; to all when none is named.',
    complexity: 'O(n) in the number of channels',
    run: (context, args) => unsubscribe(context, args, shardChannel, 'sunsubscribe'),
  },
  {
    name: 'publish',
    summary: 'Sends a message to all who listen to a channel; gives how many on this node got it.',
    complexity: 'O(n + m) in the subscribers of the channel and the patterns of the node',
    run: publish,
  },
  {
    name: 'spublish',
    summary: 'Sends a message to all who listen to a shard channel.',
    complexity: 'O(n) in the subscribers of the channel',
    run: spublish,
  },
  { name: 'pubsub', summary: 'Container of questions about who listens.', complexity: 'Depends on subcommand' },
  {
    name: 'pubsub|channels',
    summary: 'Lists channels that somebody listens to.',
    complexity: 'O(n) in the number of channels',
    run: (context, args) => listChannels(context, args, false),
  },
  {
    name: 'pubsub|shardchannels',
    summary: 'Lists shard channels that somebody listens to.',
    complexity: 'O(n) in the number of channels',
    run: (context, args) => listChannels(context, args, true),
  },
  {
    name: 'pubsub|numsub',
    summary: 'Says how many listen to each of the channels.',
    complexity: 'O(n) in the number of channels asked for',
    run: (context, args) => countSubscribers(context, args, false),
  },
  {
    name: 'pubsub|shardnumsub',
    summary: 'Says how many listen to each of the shard channels.',
    complexity: 'O(n) in the number of channels asked for',
    run: (context, args) => countSubscribers(context, args, true),
  },
  {
    name: 'pubsub|numpat',
    summary: 'Says how many different patterns somebody listens to.',
    complexity: 'O(1)',
    run: ({ kernel, reply }) => reply.integer(kernel.pubSub.patternCount),
  },
  { name: 'pubsub|help', summary: 'Lists the subcommands.', complexity: 'O(1)', run: help },
]);

/** Each name is answered by itself; to a RESP3 client as a push. */
function subscribe({ client, kernel, reply }: ServerContext, args: Args, kind: SubscriptionKind, word: string): void {
  for (let i = 1; i < args.count; i++) {
    kernel.pubSub.subscribe(client, kind, byteStringAt(args, i));
    reply.push(3);
    reply.bulkText(word);
    reply.bulk(args.buffer, args.start[i], args.end[i]);
    reply.integer(countOf(client, kind));
  }
}

function unsubscribe({ client, kernel, reply }: ServerContext, args: Args, kind: SubscriptionKind, word: string): void {
  const names =
    args.count > 1
      ? Array.from({ length: args.count - 1 }, (_, i) => byteStringAt(args, i + 1))
      : [...(client.subscriptions?.[kind] ?? [])];
  for (const name of names) {
    kernel.pubSub.unsubscribe(client, kind, name);
    reply.push(3);
    reply.bulkText(word);
    reply.bulkBytes(latin1Bytes(name));
    reply.integer(countOf(client, kind));
  }
  if (names.length > 0) return;
  reply.push(3);
  reply.bulkText(word);
  reply.null();
  reply.integer(countOf(client, kind));
}

function countOf({ subscriptions }: ServerContext['client'], kind: SubscriptionKind): number {
  if (subscriptions === undefined) return 0;
  return kind === shardChannel ? subscriptions.shardChannels.size : subscriptions.count;
}

function publish(context: ServerContext, args: Args): void {
  const { buffer, start, end } = args;
  const { kernel } = context;
  const receivers = kernel.pubSub.publish(buffer, start[1], end[1], buffer, start[2], end[2]);
  // In a cluster the bus brings it to replicas as well.
  if (kernel.cluster === undefined) kernel.effects.recordMessage(context, args);
  else kernel.cluster.publish(buffer, start[1], end[1], buffer, start[2], end[2], false);
  context.reply.integer(receivers);
}

function spublish(context: ServerContext, args: Args): void {
  const { buffer, start, end } = args;
  const { kernel } = context;
  const receivers = kernel.pubSub.publishSharded(buffer, start[1], end[1], buffer, start[2], end[2]);
  if (kernel.cluster === undefined) kernel.effects.recordMessage(context, args);
  else kernel.cluster.publish(buffer, start[1], end[1], buffer, start[2], end[2], true);
  context.reply.integer(receivers);
}

/** PUBSUB CHANNELS [pattern]. */
function listChannels({ kernel, reply }: ServerContext, args: Args, isSharded: boolean): void {
  if (args.count > 3) return reply.error(wrongSubcommandArity('PUBSUB', textAt(args, 1)));
  const names = [...kernel.pubSub.channelNames(isSharded)].map(latin1Bytes);
  const chosen =
    args.count > 2 ? names.filter((name) => isMatch(args.buffer, args.start[2], args.end[2], name)) : names;
  reply.array(chosen.length);
  for (const name of chosen) reply.bulkBytes(name);
}

function isMatch(glob: ByteBuffer, start: number, end: number, name: Uint8Array): boolean {
  return matchGlob(glob.u8, start, end, name, 0, name.length);
}

function countSubscribers({ kernel, reply }: ServerContext, args: Args, isSharded: boolean): void {
  reply.array((args.count - 2) * 2);
  for (let i = 2; i < args.count; i++) {
    reply.bulk(args.buffer, args.start[i], args.end[i]);
    reply.integer(kernel.pubSub.subscriberCount(byteStringAt(args, i), isSharded));
  }
}

function help(context: ServerContext): void {
  replyHelp(context, 'PUBSUB', [
    'CHANNELS [<pattern>]',
    '    Channels that somebody listens to (that match the pattern).',
    'NUMPAT',
    '    Number of different patterns that somebody listens to.',
    'NUMSUB [<channel> ...]',
    '    How many listen to each of the channels; patterns do not count.',
    'SHARDCHANNELS [<pattern>]',
    '    Shard channels that somebody listens to (that match the pattern).',
    'SHARDNUMSUB [<channel> ...]',
    '    How many listen to each of the shard channels.',
  ]);
}
