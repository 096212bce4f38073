import type { Client } from './client.ts';

/** What a connection costs by itself: objects, decoder, transport. An estimate; Node does not tell. */
const clientBytes = 2048;
/** A name in a set beside its bytes: of a channel, a pattern, a watched key. */
const nameBytes = 64;

/** Bytes that a client takes, outside the data: `tot-mem` of CLIENT LIST, and what `maxmemory-clients` limits. */
export function clientMemory({ connection, decoder, pushes, subscriptions, transaction, watched }: Client): number {
  let bytes = clientBytes + decoder.capacityBytes + connection.queuedBytes;
  if (transaction !== undefined) bytes += transaction.argBytes;
  if (pushes !== undefined) bytes += pushes.copied.length;
  if (subscriptions !== undefined) {
    const { channels, patterns, shardChannels } = subscriptions;
    bytes += (channels.size + patterns.size + shardChannels.size) * nameBytes;
  }
  return bytes + watched.length * nameBytes;
}
