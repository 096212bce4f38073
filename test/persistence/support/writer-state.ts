import type { ReplyValue } from '@kvartz/resp';

/** Names of the string keys, in the order in which they are read. */
const stringNames = ['text', 'copy', 'count', 'log', 'brief', 'left', 'right', 'big'] as const;
type StringName = (typeof stringNames)[number];

/** What all keys of one writer hold: as its script has it, or as a server tells it. */
export class WriterState {
  readonly strings = new Map<StringName, string>();
  readonly list: string[] = [];
  readonly other: string[] = [];
  readonly set = new Set<string>();
  readonly hash = new Map<string, string>();
  readonly zset = new Map<string, string>();
  /** The one field of each entry; ids are the server's. */
  readonly stream: string[] = [];

  clear(): void {
    for (const part of [this.strings, this.set, this.hash, this.zset]) part.clear();
    for (const part of [this.list, this.other, this.stream]) part.length = 0;
  }

  /** A line for each key, equal where values are. */
  lines(): string[] {
    return [
      ...stringNames.map((name) => `${name}: ${this.strings.get(name)}`),
      `list: ${this.list}`,
      `other: ${this.other}`,
      `set: ${[...this.set].toSorted()}`,
      `hash: ${[...this.hash].map(String).toSorted()}`,
      `zset: ${[...this.zset].map(String).toSorted()}`,
      `stream: ${this.stream}`,
    ];
  }

  /** The highest number of a write that shows somewhere. */
  newest(): number {
    const { count: _sum, log, ...others } = Object.fromEntries(this.strings);
    const numbers = [
      ...Object.values(others),
      ...(log ?? '').split(','),
      ...this.list,
      ...this.other,
      ...this.set,
      ...this.hash.values(),
      ...this.zset.values(),
      ...this.stream,
    ];
    return numbers.reduce((newest, number) => Math.max(newest, Number.parseInt(number) || 0), 0);
  }
}

export function keyOf(writer: string, name: string): string {
  return `${writer}:${name}`;
}

/** Names of all keys, without the writer's. */
export const keyNames: readonly string[] = [...stringNames, 'list', 'other', 'set', 'hash', 'zset', 'stream'];

/** The requests that read all keys of a writer. */
export function readsOf(writer: string): string[][] {
  const key = (name: string): string => keyOf(writer, name);
  return [
    ['MGET', ...stringNames.map(key)],
    ['LRANGE', key('list'), '0', '-1'],
    ['LRANGE', key('other'), '0', '-1'],
    ['SMEMBERS', key('set')],
    ['HGETALL', key('hash')],
    ['ZRANGE', key('zset'), '0', '-1', 'WITHSCORES'],
    ['XRANGE', key('stream'), '-', '+'],
  ];
}

/** Their replies (RESP2, text). */
export function stateOf(replies: readonly ReplyValue[]): WriterState {
  const state = new WriterState();
  const [strings, list, other, set, hash, zset, stream] = replies.map((reply) => {
    if (!Array.isArray(reply)) throw new Error(`a read was answered with ${String(reply)}`);
    return reply as (string | null)[];
  });
  for (const [i, name] of stringNames.entries()) {
    const value = strings![i];
    if (typeof value === 'string') state.strings.set(name, value);
  }
  state.list.push(...(list as string[]));
  state.other.push(...(other as string[]));
  for (const member of set as string[]) state.set.add(member);
  for (const [field, value] of pairs(hash as string[])) state.hash.set(field, value);
  for (const [member, score] of pairs(zset as string[])) state.zset.set(member, score);
  for (const [, fields] of stream as unknown as [string, string[]][]) state.stream.push(fields[1]!);
  return state;
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!]);
}
