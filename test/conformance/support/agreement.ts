import { formatDouble17 } from '@kvartz/base';
import { allCommandFacts } from '@kvartz/commands';
import type { Request } from './pipeline.ts';
import { render, type Reply, textOfReply } from './reply.ts';
import { renderPending, renderStream } from './stream-replies.ts';

/**
 * How like two replies must be. `exact`: byte by byte. `doubles`: but for how doubles are written. `sorted`: the elements of
 * (the last) array in any order. `pairs`: the same for pairs of elements. `scores`: pairs with doubles. `time`: integers that say when something expires.
 * `cstrings`: but for what follows a zero byte. `stream`, `pending`: see stream-replies.ts.
 * `shape`: only what kind of reply it is, and the text of an error.
 */
type Rule =
  | 'exact'
  | 'doubles'
  | 'cstrings'
  | 'sorted'
  | 'pairs'
  | 'scores'
  | 'time'
  | 'shape'
  | 'encoding'
  | 'stream'
  | 'pending';

/** Milliseconds (or seconds) that a TTL may differ, for the two servers do not run a request at the same moment. */
const timeTolerance = 20_000;

const rules = new Map<string, Rule>([
  ['KEYS', 'sorted'],
  ['RANDOMKEY', 'shape'],
  // Compression and the order of elements are each server's own; test/persistence passes payloads to and fro.
  ['DUMP', 'shape'],
  ['TTL', 'time'],
  ['PTTL', 'time'],
  ['EXPIRETIME', 'time'],
  ['PEXPIRETIME', 'time'],
  ['XINFO STREAM', 'stream'],
  ['XINFO CONSUMERS', 'stream'],
  ['XPENDING', 'pending'],
  ['OBJECT IDLETIME', 'shape'],
  ['OBJECT REFCOUNT', 'shape'],
  ['OBJECT ENCODING', 'encoding'],
  ['HGETALL', 'pairs'],
  ['HKEYS', 'sorted'],
  ['HVALS', 'sorted'],
  ['HRANDFIELD', 'shape'],
  ['SRANDMEMBER', 'shape'],
  ['ZRANDMEMBER', 'shape'],
  ['SPOP', 'shape'],
  ['SMEMBERS', 'sorted'],
  ['SINTER', 'sorted'],
  ['SUNION', 'sorted'],
  ['SDIFF', 'sorted'],
]);

/** What replies of doubles: docs/differences.md, they are written as Redis 7.2 writes them. */
const doubleGroups = new Set(['sorted_set', 'geo']);

function ruleOf(request: Request): Rule {
  const name = (request[0] ?? '').toUpperCase();
  if (name === 'SCAN') return isWholeScan(request, 2) ? 'sorted' : 'shape';
  if (name === 'SSCAN') return isWholeScan(request, 3) ? 'sorted' : 'shape';
  if (name === 'HSCAN') return isWholeScan(request, 3) ? 'pairs' : 'shape';
  if (name === 'ZSCAN') return isWholeScan(request, 3) ? 'scores' : 'shape';
  if (name === 'SORT' || name === 'SORT_RO') return ruleOfSort(request);
  const rule = rules.get(name) ?? rules.get(`${name} ${(request[1] ?? '').toUpperCase()}`);
  if (rule !== undefined) return rule;
  return doubleGroups.has(allCommandFacts.get(name.toLowerCase())?.group ?? '') ? 'doubles' : 'exact';
}

/**
 * A pattern without `*` leaves the elements as they lie, which for a set is any order; and what has the same weight by ALPHA
 * (nothing, mostly) is in any order, too. Without STORE, bytes weigh up to the first that is zero.
 */
function ruleOfSort(request: Request): Rule {
  const has = (name: string): boolean => request.some((word) => word.toUpperCase() === name);
  const isUnsorted = request.some((word, i) => request[i - 1]?.toUpperCase() === 'BY' && !word.includes('*'));
  const isByBytes = has('ALPHA') && !has('STORE');
  if (isByBytes && !has('BY') && !has('GET')) return 'cstrings';
  const hasTies = has('ALPHA') && (has('BY') || isByBytes);
  if (!hasTies && (!isUnsorted || has('STORE'))) return 'exact';
  return has('LIMIT') ? 'shape' : 'sorted';
}

/** Cursors are each server's own, so only a scan that ends at once can be compared. */
function isWholeScan(request: Request, optionsAt: number): boolean {
  const counts = request.filter((_, i) => i > optionsAt && request[i - 1].toUpperCase() === 'COUNT');
  return (
    /^\+?0?$/.test(request[optionsAt - 1] ?? '') && counts.length > 0 && counts.every((count) => count === '100000')
  );
}

/** docs/differences.md: by so much of itself a distance that STOREDIST stored may be another. */
const distanceTolerance = 2 ** -50;

/** Compares the replies to one connection's requests, one after another. */
export class Agreement {
  /** By so much of itself a double may be another. */
  readonly #tolerance: number;
  /** Rules of the requests that MULTI has queued. */
  #queued: Rule[] | undefined;
  /** What TYPE answered for a key, while no other request than OBJECT ENCODING came after it. */
  readonly #types = new Map<string, string>();

  /** `requests`: all that have written what is compared. */
  constructor(requests: readonly Request[]) {
    const isStoring = requests.some((request) => request.some((word) => word.toUpperCase() === 'STOREDIST'));
    this.#tolerance = isStoring ? distanceTolerance : 0;
  }

  check(request: Request, ours: Reply, theirs: Reply): boolean {
    const name = (request[0] ?? '').toUpperCase();
    if (name === 'TYPE') this.#types.set(request[1] ?? '', textOfReply(theirs));
    else if (name !== 'OBJECT') this.#types.clear();
    if (ruleOf(request) === 'encoding' && this.#queued === undefined) {
      return isEncodingAlike(this.#types.get(request[2] ?? ''), ours, theirs);
    }
    if (this.#queued !== undefined && theirs.head === '+QUEUED\r\n') {
      this.#queued.push(ruleOf(request));
      return ours.head === theirs.head;
    }
    if (name === 'MULTI' && theirs.kind === '+') this.#queued = [];
    if (name === 'EXEC' && this.#queued !== undefined) {
      const queued = this.#queued;
      if (theirs.kind !== '-' || theirs.head.startsWith('-EXECABORT')) this.#queued = undefined;
      if (theirs.kind === '*' && theirs.items.length > 0) {
        return (
          ours.head === theirs.head &&
          theirs.items.every((item, i) => isAlike(queued[i] ?? 'exact', ours.items[i], item, this.#tolerance))
        );
      }
    } else if (name === 'DISCARD' && theirs.kind === '+') this.#queued = undefined;
    return isAlike(ruleOf(request), ours, theirs, this.#tolerance);
  }
}

const sortRefusal = "One or more scores can't be converted into double";

/**
 * SORT there takes the error of an earlier number, out of range and maybe of another command, for one of an element. What comes
 * after such a reply cannot be compared.
 */
export function isAccident(ours: Reply, theirs: Reply): boolean {
  return render(theirs).includes(sortRefusal) && !render(ours).includes(sortRefusal);
}

function isAlike(rule: Rule, ours: Reply, theirs: Reply, tolerance: number): boolean {
  if (ours.kind === '-' || theirs.kind === '-') return asUtf8(ours.head) === asUtf8(theirs.head);
  switch (rule) {
    case 'exact':
      return render(ours) === render(theirs);
    case 'stream':
      return renderStream(ours) === renderStream(theirs);
    case 'pending':
      return renderPending(ours) === renderPending(theirs);
    case 'doubles':
      return render(ours) === render(theirs) || areDoublesAlike(ours, theirs, tolerance);
    case 'cstrings':
      return render(ours) === render(theirs) || renderCStrings(ours) === renderCStrings(theirs);
    case 'sorted':
      return renderSorted(ours, 1) === renderSorted(theirs, 1);
    case 'pairs':
      return renderSorted(ours, 2) === renderSorted(theirs, 2);
    case 'shape':
      return ours.kind === theirs.kind && ours.items.length === theirs.items.length;
    case 'scores':
      return areDoublesAlike(withSortedPairs(ours), withSortedPairs(theirs), tolerance);
    case 'time': {
      const a = Number(textOfReply(ours));
      const b = Number(textOfReply(theirs));
      return ours.kind === theirs.kind && (a === b || (a >= 0 && b >= 0 && Math.abs(a - b) <= timeTolerance));
    }
    case 'encoding':
      return isEncodingAlike(undefined, ours, theirs);
  }
}

/** docs/differences.md: what an error quotes of a request is shown as UTF-8. */
function asUtf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

/** What C sees of the elements. */
function renderCStrings({ head, items }: Reply): string {
  return JSON.stringify([head, ...items.map((item) => textOfReply(item).split('\0', 1))]);
}

/** Elements go together in groups of this size. */
function renderSorted(reply: Reply, size: 1 | 2): string {
  const last = reply.items.at(-1);
  // SCAN: the cursor, then the keys.
  if (last?.kind === '*') return reply.head + reply.items.slice(0, -1).map(render).join('') + renderSorted(last, size);
  const groups: string[] = [];
  for (let i = 0; i < reply.items.length; i += size)
    groups.push(
      reply.items
        .slice(i, i + size)
        .map(render)
        .join(''),
    );
  return reply.head + groups.toSorted().join('');
}

/** docs/differences.md: what a value is held as, where releases differ. */
function isEncodingAlike(type: string | undefined, ours: Reply, theirs: Reply): boolean {
  if (render(ours) === render(theirs)) return true;
  const pair = `${textOfReply(ours)} ${textOfReply(theirs)}`;
  // A value is an int whenever it looks like one, whatever command has made it.
  if (pair === 'int embstr') return true;
  // Redis 7.2 keeps small lists and sets as listpacks.
  if (pair === 'listpack quicklist') return type === undefined || type === 'list';
  // Redis turns a sorted set that SORT has read into a large one.
  if (pair === 'listpack skiplist') return type === undefined || type === 'zset';
  return pair === 'listpack hashtable' && (type === undefined || type === 'set');
}

function areDoublesAlike(ours: Reply, theirs: Reply, tolerance: number): boolean {
  if (ours.kind !== theirs.kind || ours.items.length !== theirs.items.length) return false;
  if (ours.items.length > 0) {
    return ours.items.every((item, i) => areDoublesAlike(item, theirs.items[i], tolerance));
  }
  return render(ours) === render(theirs) || isSameDouble(textOfReply(ours), textOfReply(theirs), tolerance);
}

/** Redis keeps the sign of -0 in a large sorted set only, and one that SORT has read is large. */
function isSameDouble(ours: string, theirs: string, tolerance: number): boolean {
  if (formatDouble17(Number(ours)) === theirs || (ours === '0' && theirs === '-0')) return true;
  return tolerance > 0 && Math.abs(Number(ours) - Number(theirs)) <= Math.abs(Number(theirs)) * tolerance;
}

/** ZSCAN: the cursor, then members and scores, here in the order of the members. */
function withSortedPairs(reply: Reply): Reply {
  const [cursor, elements] = reply.items;
  const pairs = elements.items.flatMap((member, i) => (i % 2 === 0 ? [{ member, score: elements.items[i + 1] }] : []));
  const sorted = pairs.toSorted((a, b) => (render(a.member) < render(b.member) ? -1 : 1));
  const items = sorted.flatMap(({ member, score }) => [member, score]);
  return { ...reply, items: [cursor, { ...elements, items }] };
}
