import type { RdbValue } from '@kvartz/persistence';
import type { RedisProcess } from './redis-process.ts';

/** A value in a form that does not depend on who tells it, nor on the order in which hashes and sets are told. */
export type Plain = unknown;

type Reply = readonly unknown[];

/** The client would make an object of the reply to HGETALL. */
const hgetall = "return redis.call('hgetall', KEYS[1])";

export async function valueInRedis(redis: RedisProcess, key: Buffer, type: RdbValue['type']): Promise<Plain> {
  const ask = async (name: string, ...args: (string | number)[]): Promise<Reply> => {
    return (await redis.call(name, key, ...args)) as Reply;
  };
  switch (type) {
    case 'string':
      return text(await redis.call('get', key));
    case 'list':
      return (await ask('lrange', 0, -1)).map(text);
    case 'set':
      return (await ask('smembers')).map(text).toSorted();
    case 'hash':
      return pairs((await redis.call('eval', hgetall, 1, key)) as Reply)
        .map(String)
        .toSorted();
    case 'zset':
      return pairs(await ask('zrange', 0, -1, 'withscores'))
        .map(([member, score]) => `${member},${Number(score.replace('inf', 'Infinity'))}`)
        .toSorted();
    default:
      return streamInRedis((await redis.call('xinfo', 'stream', key, 'full', 'count', 0)) as Reply);
  }
}

/** The same of a value in a file. */
export function valueInFile(item: RdbValue): Plain {
  switch (item.type) {
    case 'string':
      return text(item.value);
    case 'list':
      return item.value.map(text);
    case 'set':
      return item.value.map(text).toSorted();
    case 'hash':
      return item.value.map(({ field, value }) => `${text(field)},${text(value)}`).toSorted();
    case 'zset':
      return item.value.map(({ member, score }) => `${text(member)},${score}`).toSorted();
    case 'stream': {
      const { entries, entriesAdded, groups, lastId, maxDeletedId } = item.value;
      return {
        lastId,
        maxDeletedId,
        entriesAdded: String(entriesAdded),
        entries: entries.map(({ fields, id }) => [id, ...fields.flat().map(text)].join()),
        groups: groups.map((group) => ({
          name: text(group.name),
          lastId: group.lastId,
          read: group.entriesRead < 0n ? 'null' : String(group.entriesRead),
          pending: group.pending.map((p) => [p.id, text(p.consumer), p.deliveredMs, p.deliveries].join()).toSorted(),
          consumers: group.consumers.map(({ name, seenMs }) => `${text(name)},${seenMs}`),
        })),
      };
    }
    default:
      return item.value;
  }
}

function streamInRedis(reply: Reply): Plain {
  const of = fieldsOf(reply);
  return {
    lastId: text(of['last-generated-id']),
    maxDeletedId: text(of['max-deleted-entry-id']),
    entriesAdded: String(of['entries-added']),
    entries: (of['entries'] as Reply[]).map(([id, values]) => [id, ...(values as Reply)].map(text).join()),
    groups: (of['groups'] as Reply[]).map(fieldsOf).map((group) => ({
      name: text(group['name']),
      lastId: text(group['last-delivered-id']),
      read: String(group['entries-read']),
      pending: (group['pending'] as Reply[]).map((entry) => entry.map(text).join()).toSorted(),
      consumers: (group['consumers'] as Reply[])
        .map(fieldsOf)
        .map((consumer) => `${text(consumer['name'])},${text(consumer['seen-time'])}`),
    })),
  };
}

function fieldsOf(reply: Reply): Record<string, unknown> {
  return Object.fromEntries(reply.flatMap((name, i) => (i % 2 === 0 ? [[text(name), reply[i + 1]]] : [])));
}

function pairs(reply: Reply): [string, string][] {
  return reply.flatMap((name, i) => (i % 2 === 0 ? [[text(name), text(reply[i + 1])] as [string, string]] : []));
}

function text(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
}
