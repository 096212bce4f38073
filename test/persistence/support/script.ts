import { Prng } from '@kvartz/base';
import { keyNames, keyOf, WriterState } from './writer-state.ts';

type Requests = readonly (readonly string[])[];

/** A kind of write: what is sent for write number n, and what it does. */
interface Kind {
  readonly weight: number;
  requests(key: (name: string) => string, n: number): Requests;
  apply(state: WriterState, n: number): void;
}

const keptMax = 40;
const hourMs = 3_600_000;

const kinds: readonly Kind[] = [
  {
    weight: 4,
    requests: (key, n) => [['SET', key('text'), `${n}`]],
    apply: ({ strings }, n) => void strings.set('text', `${n}`),
  },
  {
    weight: 4,
    requests: (key, n) => [['INCRBY', key('count'), `${n % 7}`]],
    apply: ({ strings }, n) => void strings.set('count', `${Number(strings.get('count') ?? 0) + (n % 7)}`),
  },
  {
    weight: 3,
    requests: (key, n) => [['APPEND', key('log'), `${n},`]],
    apply: ({ strings }, n) => void strings.set('log', `${strings.get('log') ?? ''}${n},`),
  },
  {
    weight: 4,
    requests: (key, n) => [['RPUSH', key('list'), `${n}`]],
    apply: ({ list }, n) => void list.push(`${n}`),
  },
  {
    weight: 1,
    requests: (key) => [['LPOP', key('list')]],
    apply: ({ list }) => void list.shift(),
  },
  {
    weight: 2,
    requests: (key) => [['LMOVE', key('list'), key('other'), 'LEFT', 'LEFT']],
    apply: ({ list, other }) => void other.unshift(...list.splice(0, 1)),
  },
  {
    weight: 1,
    requests: (key) => [['LTRIM', key('other'), '0', `${keptMax - 1}`]],
    apply: ({ other }) => void other.splice(keptMax),
  },
  {
    weight: 3,
    requests: (key, n) => [['SADD', key('set'), `${n}`]],
    apply: ({ set }, n) => void set.add(`${n}`),
  },
  {
    weight: 1,
    requests: (key, n) => [['SREM', key('set'), ...range(n - 20, n - 10)]],
    apply: ({ set }, n) => range(n - 20, n - 10).forEach((member) => set.delete(member)),
  },
  {
    weight: 3,
    requests: (key, n) => [['HSET', key('hash'), `f${n % 20}`, `${n}`]],
    apply: ({ hash }, n) => void hash.set(`f${n % 20}`, `${n}`),
  },
  {
    weight: 1,
    requests: (key, n) => [['HDEL', key('hash'), `f${n % 20}`]],
    apply: ({ hash }, n) => void hash.delete(`f${n % 20}`),
  },
  {
    weight: 3,
    requests: (key, n) => [['ZADD', key('zset'), `${n}`, `m${n % 20}`]],
    apply: ({ zset }, n) => void zset.set(`m${n % 20}`, `${n}`),
  },
  {
    weight: 4,
    requests: (key, n) => [['XADD', key('stream'), 'MAXLEN', `${keptMax}`, '*', 'n', `${n}`]],
    apply: ({ stream }, n) => void stream.splice(0, stream.push(`${n}`) - keptMax),
  },
  {
    weight: 2,
    requests: (key, n) => [['SET', key('brief'), `${n}`, 'PX', `${hourMs}`]],
    apply: ({ strings }, n) => void strings.set('brief', `${n}`),
  },
  {
    weight: 1,
    requests: (key) => [['COPY', key('log'), key('copy'), 'REPLACE']],
    apply: ({ strings }) => {
      const log = strings.get('log');
      if (log !== undefined) strings.set('copy', log);
    },
  },
  {
    // A request that no disk takes at once.
    weight: 1,
    requests: (key, n) => [['SET', key('big'), big(n)]],
    apply: ({ strings }, n) => void strings.set('big', big(n)),
  },
  {
    // Both keys or none.
    weight: 4,
    requests: (key, n) => [['MULTI'], ['SET', key('left'), `${n}`], ['SET', key('right'), `${n}`], ['EXEC']],
    apply: ({ strings }, n) => void strings.set('left', `${n}`).set('right', `${n}`),
  },
];

/** Begins a round: so states stay small, and any of them follows from the few writes of its round. */
const firstOfRound: Kind = {
  weight: 0,
  requests: (key, n) => [['MULTI'], ['DEL', ...keyNames.map(key)], ['SET', key('text'), `${n}`], ['EXEC']],
  apply: (state, n) => {
    state.clear();
    state.strings.set('text', `${n}`);
  },
};

const drawn = kinds.flatMap((kind) => Array.from({ length: kind.weight }, () => kind));

export interface ScriptOptions {
  readonly name: string;
  readonly seed: number;
  /** Writes after which all keys begin anew. */
  readonly roundSize: number;
}

/** All that one writer will ever write, number by number from 1; the same for the same options. */
export class Script {
  readonly name: string;
  readonly #seed: number;
  readonly #roundSize: number;

  constructor({ name, roundSize, seed }: ScriptOptions) {
    this.name = name;
    this.#roundSize = roundSize;
    this.#seed = new Prng(seed).uint32();
  }

  requests(n: number): Requests {
    return this.#kind(n).requests((name) => keyOf(this.name, name), n);
  }

  /** What the first n writes leave. */
  stateAfter(n: number): WriterState {
    const state = new WriterState();
    for (let i = Math.max(1, n - (n % this.#roundSize)); i <= n; i++) this.apply(state, i);
    return state;
  }

  apply(state: WriterState, n: number): void {
    this.#kind(n).apply(state, n);
  }

  #kind(n: number): Kind {
    if (n % this.#roundSize === 0) return firstOfRound;
    // murmur3's finalizer: numbers that follow each other draw kinds that have nothing in common.
    let hash = this.#seed ^ n;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return drawn[((hash ^ (hash >>> 16)) >>> 0) % drawn.length]!;
  }
}

function big(n: number): string {
  return `${n}:${'x'.repeat(2000 + (n % 10) * 2000)}`;
}

function range(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => String(from + i));
}
