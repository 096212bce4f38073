import { allCommandFacts, type CommandFacts, dataCommands } from '@kvartz/commands';
import { ArgumentMaker, isInRelease, spoil } from './arguments.ts';
import { Dice } from './dice.ts';
import type { Request } from './pipeline.ts';
import { anyBound, anyKey, anyKeyOf, anyLexBound, anyMember, anyPattern, anyStreamId } from './pools.ts';

interface Choice {
  /** `get`, `object|encoding`. */
  readonly name: string;
  readonly facts: CommandFacts;
  readonly weight: number;
}

/** Sent less often than others, because they take away what others need, or are soon known. */
const weights = new Map<string, number>([
  ['set', 12],
  ['incrbyfloat', 4],
  ['bitfield', 4],
  ['lcs', 3],
  ['setbit', 3],
  ['append', 3],
  ['expire', 2],
  ['pexpireat', 2],
  ['flushall', 0.05],
  ['flushdb', 0.1],
  ['swapdb', 0.3],
  ['dbsize', 0.5],
  ['randomkey', 0.2],
  ['select', 1],
  ['multi', 1],
  ['exec', 3],
  ['discard', 0.2],
  ['watch', 0.5],
  ['unwatch', 0.3],
  ['ping', 0.3],
  ['echo', 0.3],
  ['hset', 6],
  ['rpush', 4],
  ['lpush', 4],
  ['sadd', 6],
  ['zadd', 8],
  ['geoadd', 6],
  ['pfadd', 6],
  ['zrange', 4],
  ['sort', 3],
  ['spop', 0.3],
  ['pfdebug', 0.2],
  ['pfselftest', 0],
  ['xadd', 12],
  ['xread', 2],
  ['xrange', 2],
  ['xreadgroup', 8],
  ['xgroup|create', 4],
  ['xgroup|destroy', 0.2],
  ['xgroup|delconsumer', 0.3],
  ['xack', 2],
  ['xclaim', 2],
  ['blpop', 0.1],
  ['brpop', 0.1],
  ['blmove', 0.1],
  ['brpoplpush', 0.1],
  ['blmpop', 0.1],
  ['bzpopmin', 0.1],
  ['bzpopmax', 0.1],
  ['bzmpop', 0.1],
  ['command|getkeys', 0.5],
  ['command|getkeysandflags', 0.5],
]);

/** Help texts are in our own words. */
const excluded = new Set(['object|help', 'xgroup|help', 'xinfo|help']);

/** Commands of the server itself whose replies do not depend on the server. */
const serverCommands = ['select', 'multi', 'exec', 'discard', 'watch', 'unwatch', 'ping', 'echo'];
const requestsInside = ['command|getkeys', 'command|getkeysandflags'];

/** CONFORMANCE_GROUPS=hash,generic: only these of the facts' groups. */
const givenGroups = process.env['CONFORMANCE_GROUPS']?.split(',');

const dataNames = dataCommands.flatMap((spec) => {
  return spec.subcommands === undefined
    ? [spec.fullName]
    : [...spec.subcommands.values()].map((subcommand) => subcommand.fullName);
});

const choices: readonly Choice[] = [...dataNames, ...serverCommands, ...requestsInside]
  .filter((name) => !excluded.has(name) && isInRelease(allCommandFacts.get(name)?.since))
  .map((name) => ({ name, facts: allCommandFacts.get(name)!, weight: weights.get(name) ?? 1 }))
  .filter(({ facts }) => givenGroups === undefined || givenGroups.includes(facts.group));
const totalWeight = choices.reduce((sum, { weight }) => sum + weight, 0);

/** A sorted set whose scores are all 0; no other request has this key. */
const levelKey = 'zlevel';

/** How many of the requests are made wrong on purpose. */
const spoiledShare = 0.08;

/** Random requests, the same for the same seed. */
export class Generator {
  readonly #dice: Dice;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
  }

  sequence(length: number): Request[] {
    const requests: Request[] = [];
    while (requests.length < length) requests.push(...this.#next());
    return requests;
  }

  #next(): Request[] {
    const choice = this.#choose();
    if (requestsInside.includes(choice.name)) {
      const inner = this.#request(this.#choose());
      // Since 7.2 its target counts as overwritten, not as read.
      const isNewer = inner[0].toLowerCase() === 'sinterstore';
      const asked = isNewer ? requestsInside[0] : choice.name;
      // Redis 7.0 asks for a command with at least one argument, 7.2 (whose arity we have) does not.
      return [[...asked.split('|'), ...inner, ...(inner.length === 1 ? [anyKey(this.#dice)] : [])]];
    }
    const request = this.#request(choice);
    // A key that is set with a time that is past is removed by whoever looks, which must be the same on both servers.
    if (choice.name === 'set' && request.length > 3) return [request, ['EXISTS', request[1] ?? '']];
    // Which members are taken is chance: none may be left that the other server has not.
    if (choice.name === 'spop') return [request, ['DEL', request[1] ?? '']];
    return [request];
  }

  #request({ name, facts }: Choice): string[] {
    const dice = this.#dice;
    if (dice.chance(0.002)) return [`${name}x`, 'some', anyPattern(dice), 'words'.repeat(dice.below(40))];
    const words = name.split('|').map((word) => (dice.chance(0.8) ? word.toUpperCase() : word));
    const request = [...words, ...new ArgumentMaker(dice, name, facts).make()];
    if (name === 'zrange' || name === 'zrangestore') this.#fitBounds(request, name === 'zrange' ? 2 : 3);
    if (name === 'sort') this.#untie(request);
    if (name === 'xread') this.#balanceStreams(request, '$');
    if (name === 'xreadgroup') this.#balanceStreams(request, '>');
    // A number in the place of a timeout would be waited for.
    const isBlocking = facts.command_flags?.includes('BLOCKING') === true;
    const isSpoiled = dice.chance(spoiledShare) && !isBlocking;
    return this.#levelScores(isSpoiled ? this.#spoil(request) : request);
  }

  #spoil(request: string[]): string[] {
    const spoiled = spoil(this.#dice, request);
    const name = request[0].toUpperCase();
    // Since 7.2 a fourth word is no matter of arity.
    return (name === 'ZRANK' || name === 'ZREVRANK') && spoiled.length > 3 ? request : spoiled;
  }

  /** What the bounds of a range look like depends on an option that comes after them. */
  #fitBounds(request: string[], at: number): void {
    const dice = this.#dice;
    const options = request.slice(at).map((word) => word.toUpperCase());
    const maker = options.includes('BYSCORE') ? anyBound : options.includes('BYLEX') ? anyLexBound : undefined;
    if (maker === undefined || dice.chance(0.05)) return;
    request[at] = maker(dice);
    request[at + 1] = maker(dice);
  }

  /** As many IDs as keys. `usual` stands for an ID. */
  #balanceStreams(request: string[], usual: '$' | '>'): void {
    const dice = this.#dice;
    const at = request.findIndex((word) => word.toUpperCase() === 'STREAMS') + 1;
    if (at === 0) return;
    // Redis 7.0 does not know `+`.
    for (let i = at; i < request.length; i++) if (request[i] === '+') request[i] = '>';
    if (dice.chance(0.05)) return;
    const count = 1 + dice.below(3);
    const keys = Array.from({ length: count }, () => anyKeyOf(dice, 'stream'));
    const ids = keys.map(() =>
      dice.chance(usual === '>' ? 0.7 : 0.1) ? usual : anyStreamId(dice).replace(/^\+$/, '>'),
    );
    request.splice(at, request.length - at, ...keys, ...ids);
  }

  /** What has the same weight by ALPHA is in any order, which must not become the order of a list. */
  #untie(request: string[]): void {
    const words = request.map((word) => word.toUpperCase());
    if (!words.includes('BY') || !words.includes('STORE')) return;
    request.splice(0, request.length, ...request.filter((word) => word.toUpperCase() !== 'ALPHA'));
  }

  /** A range by bytes is defined only where all scores are the same: it goes to a key that has no other members. */
  #levelScores(request: string[]): string[] {
    const dice = this.#dice;
    const name = request[0].toUpperCase();
    const isLexical = name.includes('LEX') || request.some((word) => word.toUpperCase() === 'BYLEX');
    const key = name === 'ZRANGESTORE' ? 2 : 1;
    if (isLexical) return key < request.length ? request.with(key, levelKey) : request;
    if (name !== 'ZADD' || !dice.chance(0.3)) return request;
    const members = Array.from({ length: 1 + dice.below(4) }, () => ['0', anyMember(dice)]);
    return [name, levelKey, ...members.flat()];
  }

  #choose(): Choice {
    let at = (this.#dice.below(2 ** 30) / 2 ** 30) * totalWeight;
    for (const choice of choices) {
      at -= choice.weight;
      if (at < 0) return choice;
    }
    return choices[0];
  }
}
