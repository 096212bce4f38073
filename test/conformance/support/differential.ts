import { Agreement, isAccident } from './agreement.ts';
import type { Pipeline, Request } from './pipeline.ts';
import { render, type Reply, textOfReply } from './reply.ts';

export interface Difference {
  /** Of the request whose replies differ. */
  readonly index: number;
  readonly request: Request;
  readonly ours: string;
  readonly theirs: string;
}

/** Databases that sequences use. */
const databaseCount = 3;

const reset: readonly Request[] = [['DISCARD'], ['UNWATCH'], ['FLUSHALL'], ['SELECT', '0'], ['CONFIG', 'RESETSTAT']];

/** What INFO counts the same way whoever counts. */
const countedPattern = /^(?:keyspace_hits|keyspace_misses):\d+/gm;

/** Two servers that get the same requests. */
export class Differential {
  readonly #ours: Pipeline;
  readonly #theirs: Pipeline;

  constructor(ours: Pipeline, theirs: Pipeline) {
    this.#ours = ours;
    this.#theirs = theirs;
  }

  /** Runs the requests on empty servers; then compares all that is in them. */
  async compare(requests: readonly Request[]): Promise<Difference | undefined> {
    const all = [...reset, ...requests];
    const [ours, theirs] = await this.#send(all);
    const agreement = new Agreement(requests);
    for (let i = reset.length; i < all.length; i++) {
      if (isAccident(ours[i], theirs[i])) return undefined;
      if (!agreement.check(all[i], ours[i], theirs[i])) return difference(i - reset.length, all[i], ours[i], theirs[i]);
    }
    // docs/differences.md: SCAN with TYPE counts a hit for each key there.
    const isCounted = !requests.some(([name]) => name?.toUpperCase() === 'SCAN');
    const counts = isCounted ? await this.#compareCounts(requests.length) : undefined;
    return counts ?? this.#compareData(requests);
  }

  async #compareCounts(index: number): Promise<Difference | undefined> {
    const request: Request = ['INFO', 'stats'];
    const [ours, theirs] = await this.#send([['DISCARD'], request]);
    const [mine, yours] = [ours[1], theirs[1]].map((reply) => render(reply).match(countedPattern)?.join(' ') ?? '');
    return mine === yours ? undefined : { index, request, ours: mine, theirs: yours };
  }

  /** Every key that either server has, with what there is to know about it. */
  async #compareData(requests: readonly Request[]): Promise<Difference | undefined> {
    const databases = Array.from({ length: databaseCount }, (_, i) => String(i));
    const listing = [
      ['DISCARD'],
      ...databases.flatMap((database) => [
        ['SELECT', database],
        ['KEYS', '*'],
      ]),
    ];
    const listed = (await this.#send(listing))[1];
    const keys = databases.map((_, i) => listed[2 * i + 2].items.map(textOfReply));
    const typing = databases.flatMap((database, i) => [['SELECT', database], ...keys[i].map((key) => ['TYPE', key])]);
    const types = (await this.#send(typing))[1].filter(({ head }) => head !== '+OK\r\n').map(textOfReply);
    const questions: Request[] = databases.flatMap((database, i) => {
      const about = keys[i].flatMap((key) => questionsAbout(key, types.shift() ?? ''));
      return [['SELECT', database], ['KEYS', '*'], ['DBSIZE'], ...about];
    });
    const [ours, theirs] = await this.#send(questions);
    const agreement = new Agreement(requests);
    for (const [i, question] of questions.entries()) {
      if (!agreement.check(question, ours[i], theirs[i]))
        return difference(requests.length, question, ours[i], theirs[i]);
    }
    return undefined;
  }

  async #send(requests: readonly Request[]): Promise<[Reply[], Reply[]]> {
    return Promise.all([this.#ours.send(requests), this.#theirs.send(requests)]);
  }
}

const contents = new Map<string, (key: string) => Request>([
  ['string', (key) => ['GET', key]],
  ['list', (key) => ['LRANGE', key, '0', '-1']],
  ['hash', (key) => ['HGETALL', key]],
  ['set', (key) => ['SMEMBERS', key]],
  ['zset', (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES']],
  ['stream', (key) => ['XRANGE', key, '-', '+']],
]);

function questionsAbout(key: string, type: string): Request[] {
  const content = contents.get(type)?.(key);
  return [
    ['TYPE', key],
    ['OBJECT', 'ENCODING', key],
    ...(content === undefined ? [] : [content]),
    ...(type === 'stream' ? [['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0']] : []),
    ['PEXPIRETIME', key],
  ];
}

function difference(index: number, request: Request, ours: Reply, theirs: Reply): Difference {
  return { index, request, ours: render(ours), theirs: render(theirs) };
}
