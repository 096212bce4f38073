import type { Request } from './pipeline.ts';
import { render, type Reply, textOfReply } from './reply.ts';

/**
 * How like two replies must be. `exact`: byte by byte. `sorted`: the elements of (the last) array in any order. `time`:
 * integers that say when something expires. `shape`: only what kind of reply it is, and the text of an error.
 */
type Rule = 'exact' | 'sorted' | 'time' | 'shape' | 'encoding';

/** Milliseconds (or seconds) that a TTL may differ, for the two servers do not run a request at the same moment. */
const timeTolerance = 20_000;

const rules = new Map<string, Rule>([
  ['KEYS', 'sorted'],
  ['RANDOMKEY', 'shape'],
  ['TTL', 'time'],
  ['PTTL', 'time'],
  ['EXPIRETIME', 'time'],
  ['PEXPIRETIME', 'time'],
  ['OBJECT IDLETIME', 'shape'],
  ['OBJECT REFCOUNT', 'shape'],
  ['OBJECT ENCODING', 'encoding'],
]);

function ruleOf(request: Request): Rule {
  const name = (request[0] ?? '').toUpperCase();
  if (name === 'SCAN') return isWholeScan(request) ? 'sorted' : 'shape';
  return rules.get(name) ?? rules.get(`${name} ${(request[1] ?? '').toUpperCase()}`) ?? 'exact';
}

/** Cursors are each server's own, so only a scan that ends at once can be compared. */
function isWholeScan(request: Request): boolean {
  const counts = request.filter((_, i) => i > 2 && request[i - 1].toUpperCase() === 'COUNT');
  return /^\+?0?$/.test(request[1] ?? '') && counts.length > 0 && counts.every((count) => count === '100000');
}

/** Compares the replies to one connection's requests, one after another. */
export class Agreement {
  /** Rules of the requests that MULTI has queued. */
  #queued: Rule[] | undefined;

  check(request: Request, ours: Reply, theirs: Reply): boolean {
    const name = (request[0] ?? '').toUpperCase();
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
          theirs.items.every((item, i) => isAlike(queued[i] ?? 'exact', ours.items[i], item))
        );
      }
    } else if (name === 'DISCARD' && theirs.kind === '+') this.#queued = undefined;
    return isAlike(ruleOf(request), ours, theirs);
  }
}

function isAlike(rule: Rule, ours: Reply, theirs: Reply): boolean {
  if (ours.kind === '-' || theirs.kind === '-') return asUtf8(ours.head) === asUtf8(theirs.head);
  switch (rule) {
    case 'exact':
      return render(ours) === render(theirs);
    case 'sorted':
      return renderSorted(ours) === renderSorted(theirs);
    case 'shape':
      return ours.kind === theirs.kind && ours.items.length === theirs.items.length;
    case 'time': {
      const a = Number(textOfReply(ours));
      const b = Number(textOfReply(theirs));
      return ours.kind === theirs.kind && (a === b || (a >= 0 && b >= 0 && Math.abs(a - b) <= timeTolerance));
    }
    case 'encoding':
      // docs/differences.md: a value is an int whenever it looks like one, whatever command has made it.
      return render(ours) === render(theirs) || (textOfReply(ours) === 'int' && textOfReply(theirs) === 'embstr');
  }
}

/** docs/differences.md: what an error quotes of a request is shown as UTF-8. */
function asUtf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

function renderSorted(reply: Reply): string {
  const last = reply.items.at(-1);
  // SCAN: the cursor, then the keys.
  if (last?.kind === '*') return reply.head + reply.items.slice(0, -1).map(render).join('') + renderSorted(last);
  return reply.head + reply.items.map(render).toSorted().join('');
}
