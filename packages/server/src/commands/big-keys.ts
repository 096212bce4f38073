import { latin1Bytes, latin1Of } from '@kvartz/base';
import { defineCommands, integerAt, isKeyword, SYNTAX_ERROR, textAt, typeName } from '@kvartz/commands';
import { type EntryRef, type Keyspace, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../context.ts';
import type { Kernel } from '../kernel.ts';
import { replyWhenDone } from './deferred.ts';

export const bigKeysCommands = defineCommands<ServerContext>([
  {
    name: 'bigkeys',
    summary: 'The keys that take the most memory, or have the most elements.',
    complexity: 'O(N) where N is the number of keys in the database, in slices of a millisecond',
    facts: { name: 'bigkeys', group: 'server', since: '7.2.0', arity: -1, command_flags: ['ADMIN', 'NOSCRIPT'] },
    run: bigkeys,
  },
]);

interface BigKey {
  readonly key: string;
  readonly type: ValueType;
  readonly bytes: number;
  /** Of a string: its length in bytes. */
  readonly elements: number;
}

const defaultCount = 10;
const countMax = 1000;
const sliceMs = 1;
const pauseMs = 1;

/** BIGKEYS [COUNT count] [TYPE type] [BY BYTES|ELEMENTS]: [key, type, bytes, elements] of each, the biggest first. */
function bigkeys(context: ServerContext, args: Args): void {
  const { db, isInExec, kernel, reply } = context;
  let count = defaultCount;
  let type: ValueType | undefined;
  let by: 'bytes' | 'elements' = 'bytes';
  for (let i = 1; i < args.count; i += 2) {
    if (i + 1 >= args.count) return reply.error(SYNTAX_ERROR);
    if (isKeyword(args, i, 'count')) {
      count = integerAt(args, i + 1);
      if (!(count >= 1 && count <= countMax)) return reply.error(`ERR COUNT must be between 1 and ${countMax}`);
    } else if (isKeyword(args, i, 'type')) {
      const name = textAt(args, i + 1).toLowerCase();
      type = Object.values(ValueType).find((one) => typeName(one) === name);
      if (type === undefined) return reply.error(`ERR unknown type name '${textAt(args, i + 1)}'`);
    } else if (isKeyword(args, i, 'by') && isKeyword(args, i + 1, 'bytes')) by = 'bytes';
    else if (isKeyword(args, i, 'by') && isKeyword(args, i + 1, 'elements')) by = 'elements';
    else return reply.error(SYNTAX_ERROR);
  }
  // All replies of a transaction stand in one array, and this one takes its time.
  if (isInExec) return reply.error('ERR BIGKEYS is not allowed inside a transaction');
  const found = new Biggest(count, by);
  replyWhenDone(context, walk(kernel, db, type, found), (writer, outcome) => {
    if ('error' in outcome) throw outcome.error;
    writer.array(found.keys.length);
    for (const one of found.keys) {
      writer.array(4);
      writer.bulkBytes(latin1Bytes(one.key));
      writer.bulkText(typeName(one.type));
      writer.integer(one.bytes);
      writer.integer(one.elements);
    }
  });
}

/** The biggest so far, sorted. */
class Biggest {
  readonly keys: BigKey[] = [];
  readonly #count: number;
  readonly #by: 'bytes' | 'elements';

  constructor(count: number, by: 'bytes' | 'elements') {
    this.#count = count;
    this.#by = by;
  }

  offer(db: Keyspace, entry: EntryRef): void {
    const bytes = db.memoryOf(entry);
    const type = db.typeOf(entry);
    const elements = type === ValueType.string ? db.stringLength(entry) : db.countOf(entry);
    const size = this.#by === 'bytes' ? bytes : elements;
    const { keys } = this;
    if (keys.length === this.#count && size <= keys[keys.length - 1][this.#by]) return;
    const key = db.keyOf(entry);
    const text = latin1Of(key.buffer.u8, key.start, key.end);
    let at = keys.length;
    while (at > 0 && keys[at - 1][this.#by] < size) at--;
    keys.splice(at, 0, { key: text, type, bytes, elements });
    if (keys.length > this.#count) keys.length = this.#count;
  }
}

/** Other clients are served between slices; keys that come or change meanwhile may be missed or old, each is seen once. */
function walk(kernel: Kernel, db: Keyspace, type: ValueType | undefined, found: Biggest): Promise<void> {
  const { clock, timers } = kernel.env;
  let cursor = 0;
  const visit = (entry: EntryRef): void => {
    if (type === undefined || db.typeOf(entry) === type) found.offer(db, entry);
  };
  return new Promise((resolve) => {
    const slice = (): void => {
      const endMs = clock.monotonicMs() + sliceMs;
      do {
        cursor = db.scan(cursor, 100, visit);
        if (cursor === 0) return resolve();
      } while (clock.monotonicMs() < endMs);
      timers.after(pauseMs, slice);
    };
    slice();
  });
}
