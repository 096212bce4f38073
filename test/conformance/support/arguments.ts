import type { ArgumentSpec, CommandFacts } from '@kvartz/commands';
import type { Dice } from './dice.ts';
import { makers } from './makers.ts';
import { anyFloat, anyInteger, anyKeyOf, anyPattern, anySpelling, anyText } from './pools.ts';

/** The release that is compared with. What is newer has tables of its own. */
const release = [7, 0, 15];

/** Arguments that the facts do not date, but that are newer. */
const newer = new Set(['zrank withscore', 'zrevrank withscore', 'hscan novalues', 'zscan noscores']);

export function isInRelease(since: string | undefined): boolean {
  if (since === undefined) return true;
  const parts = since.split('.').map(Number);
  for (const [i, part] of release.entries()) if ((parts[i] ?? 0) !== part) return (parts[i] ?? 0) < part;
  return true;
}

/** Makes the arguments of one request as a client may write them, mostly right. */
export class ArgumentMaker {
  readonly #dice: Dice;
  readonly #command: string;
  readonly #facts: CommandFacts;
  /** Keys of a list that begins with their number. */
  #keyCount = 0;

  constructor(dice: Dice, command: string, facts: CommandFacts) {
    this.#dice = dice;
    this.#command = command;
    this.#facts = facts;
  }

  make(specs: readonly ArgumentSpec[] = this.#facts.arguments ?? []): string[] {
    return specs
      .filter(({ name, since }) => isInRelease(since) && !newer.has(`${this.#command} ${name}`))
      .flatMap((spec) =>
        spec.name === 'numkeys' ? this.#numkeys() : this.#isCounted(spec) ? [] : this.#argument(spec),
      );
  }

  /** Written together with their number. */
  #isCounted(spec: ArgumentSpec): boolean {
    return this.#keyCount > 0 && spec.type === 'key' && spec.multiple === true;
  }

  #numkeys(): string[] {
    const dice = this.#dice;
    this.#keyCount = 1 + dice.below(3);
    const keys = Array.from({ length: this.#keyCount }, () => this.#key());
    const written = dice.chance(0.06) ? dice.oneOf(['0', '-1', 'x', '4', '1', '9223372036854775807']) : keys.length;
    return [String(written), ...keys];
  }

  #argument(spec: ArgumentSpec): string[] {
    const dice = this.#dice;
    if (spec.optional === true && dice.chance(0.55)) return [];
    const parts: string[] = [];
    let times = 1;
    if (spec.name === 'weight') times = dice.chance(0.95) ? this.#keyCount : 1 + dice.below(3);
    else if (spec.multiple === true) while (times < 5 && dice.chance(0.5)) times++;
    // An option that is given twice is an error here and there.
    else if (spec.optional === true && dice.chance(0.03)) times = 2;
    for (let i = 0; i < times; i++) {
      if (spec.token !== undefined && (i === 0 || spec.multiple_token === true || spec.multiple !== true)) {
        parts.push(inAnyCase(dice, spec.token));
      }
      parts.push(...this.#one(spec));
    }
    return parts;
  }

  #one(spec: ArgumentSpec): string[] {
    const dice = this.#dice;
    const maker = makers.get(`${this.#command} ${spec.name}`) ?? makers.get(spec.name);
    if (maker !== undefined && spec.type !== 'pure-token' && spec.type !== 'block') return [maker(dice)];
    switch (spec.type) {
      case 'pure-token':
        return [];
      case 'key':
        return [this.#key()];
      case 'integer':
      case 'unix-time':
        return [anyInteger(dice)];
      case 'double':
        return [anyFloat(dice)];
      case 'pattern':
        return [anyPattern(dice)];
      case 'block':
        return this.make(spec.arguments ?? []);
      case 'oneof': {
        const choices = spec.arguments ?? [];
        const first = this.#argument(dice.oneOf(choices));
        // Alternatives that exclude each other.
        return dice.chance(0.04) ? [...first, ...this.#argument(dice.oneOf(choices))] : first;
      }
      default:
        return [anyText(dice)];
    }
  }

  #key(): string {
    return anyKeyOf(this.#dice, this.#command.startsWith('sort') ? 'sort' : this.#facts.group);
  }
}

/** Something that a client should not have sent, made of something that it might. */
export function spoil(dice: Dice, request: string[]): string[] {
  const at = 1 + dice.below(Math.max(request.length - 1, 1));
  switch (dice.below(5)) {
    case 0:
      return request.slice(0, -1).length > 0 ? request.slice(0, -1) : request;
    case 1:
      return [...request, anyText(dice)];
    case 2:
      return [...request, dice.oneOf(strayWords)];
    case 3:
      return request.with(Math.min(at, request.length - 1), anySpelling(dice));
    default:
      return [...request.slice(0, at), ...request.slice(at + 1)];
  }
}

const strayWords = [
  'NX',
  'XX',
  'GET',
  'EX',
  'KEEPTTL',
  'PERSIST',
  'GT',
  'LT',
  'REPLACE',
  'DB',
  'BIT',
  'WITHSCORES',
  'LIMIT',
  'COUNT',
  'BYSCORE',
  'LEFT',
  'STORE',
];

function inAnyCase(dice: Dice, token: string): string {
  return dice.chance(0.8) ? token : token.toLowerCase();
}
