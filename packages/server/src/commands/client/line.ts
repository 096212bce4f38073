import { type Client, Halt } from '../../client.ts';
import { clientMemory } from '../../client-memory.ts';
import { isSubscriber } from '../../pubsub/subscriptions.ts';

/** The kinds of clients that CLIENT LIST and CLIENT KILL tell apart. Replicas and masters come with replication. */
export const clientTypes = ['normal', 'master', 'replica', 'slave', 'pubsub'] as const;
export type ClientType = (typeof clientTypes)[number];

export function parseClientType(text: string): ClientType | undefined {
  return clientTypes.find((type) => type === text.toLowerCase());
}

export function isOfType(client: Client, type: ClientType): boolean {
  if (client.replica?.isAttached === true) return type === 'replica' || type === 'slave';
  return type === (isSubscriber(client) ? 'pubsub' : 'normal');
}

/** One client as CLIENT LIST shows it. */
export function clientLine(client: Client, nowMs: number): string {
  const { connection, decoder } = client;
  const queryBytes = decoder.bufferedBytes;
  const queryFreeBytes = Math.max(0, decoder.capacityBytes - queryBytes);
  const multiBytes = client.transaction?.argBytes ?? 0;
  const outputBytes = connection.queuedBytes;
  const seconds = (sinceMs: number): number => Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
  return [
    `id=${client.id}`,
    `addr=${connection.remote}`,
    `laddr=${connection.local}`,
    'fd=-1',
    `name=${client.name}`,
    `age=${seconds(client.createdMs)}`,
    `idle=${seconds(client.lastActiveMs)}`,
    `flags=${flagsOf(client)}`,
    `db=${client.dbIndex}`,
    `sub=${client.subscriptions?.channels.size ?? 0}`,
    `psub=${client.subscriptions?.patterns.size ?? 0}`,
    `ssub=${client.subscriptions?.shardChannels.size ?? 0}`,
    `multi=${client.transaction?.queue.length ?? -1}`,
    `qbuf=${queryBytes}`,
    `qbuf-free=${queryFreeBytes}`,
    'argv-mem=0',
    `multi-mem=${multiBytes}`,
    'rbs=0',
    'rbp=0',
    'obl=0',
    `oll=${outputBytes > 0 ? 1 : 0}`,
    `omem=${outputBytes}`,
    `tot-mem=${clientMemory(client)}`,
    `events=${outputBytes > 0 ? 'rw' : 'r'}`,
    `cmd=${client.lastCommand}`,
    `user=${client.user}`,
    `redir=${client.tracking?.options.redirectId ?? -1}`,
    `resp=${client.protocol}`,
    `lib-name=${client.libName}`,
    `lib-ver=${client.libVersion}`,
  ].join(' ');
}

function flagsOf(client: Client): string {
  let flags = '';
  if (client.replica?.isAttached === true) flags += 'S';
  if (client.kernel.monitors.has(client)) flags += 'O';
  if (isSubscriber(client)) flags += 'P';
  if (client.transaction !== undefined) flags += 'x';
  if (client.blocked !== undefined || client.heldCommand !== undefined) flags += 'b';
  if (client.tracking !== undefined) flags += 't';
  if (client.tracking?.isRedirectBroken === true) flags += 'R';
  if (client.tracking?.options.isBroadcast === true) flags += 'B';
  if (client.isWatchBroken) flags += 'd';
  if ((client.halts & Halt.closing) !== 0) flags += 'c';
  if (client.connection.kind === 'unix') flags += 'U';
  if (client.isReadonly) flags += 'r';
  if (client.isNoEvict) flags += 'e';
  if (client.isNoTouch) flags += 'T';
  return flags === '' ? 'N' : flags;
}
