import type { ArgumentSpec } from '@kvartz/commands';
import type { Dice } from './dice.ts';
import { anyFloat, anyInteger, anyKey, anyPattern, anySpelling, anyText } from './pools.ts';

type Maker = (dice: Dice) => string;

/**
 * Arguments of which most values would be useless, dangerous (half a gigabyte of zeros) or a matter of timing. Keys are
 * `command argument` or `argument`.
 */
const makers = new Map<string, Maker>([
  ['setrange offset', (dice) => rarely(dice, ['-1', '536870912', '9223372036854775807', 'x'], () => digits(dice, 60))],
  ['setbit offset', (dice) => rarely(dice, ['-1', '4294967296', '9223372036854775807', '#1'], () => digits(dice, 400))],
  ['getbit offset', (dice) => rarely(dice, ['-1', '4294967296', '4294967295', 'x'], () => digits(dice, 400))],
  ['setbit value', (dice) => rarely(dice, ['2', '-1', 'x'], () => digits(dice, 2))],
  ['bitpos bit', (dice) => rarely(dice, ['2', '-1', 'x'], () => digits(dice, 2))],
  ['bitfield offset', fieldOffset],
  ['bitfield_ro offset', fieldOffset],
  // docs/differences.md: Redis saturates the lowest integer upwards.
  ['bitfield value', (dice) => anyInteger(dice).replace('-9223372036854775808', '-4611686018427387904')],
  ['encoding', fieldType],
  ['increment', (dice) => (dice.chance(0.5) ? digits(dice, 10) : anyInteger(dice))],
  ['incrbyfloat increment', anyFloat],
  ['min-match-len', (dice) => rarely(dice, ['-1', 'x'], () => digits(dice, 6))],
  [
    'seconds',
    (dice) =>
      rarely(dice, ['9223372036854775807', '-9223372036854775808', '9223372036854775'], () => duration(dice, 1)),
  ],
  ['milliseconds', (dice) => rarely(dice, ['9223372036854775807', '-9223372036854775808'], () => duration(dice, 1000))],
  ['unix-time-seconds', (dice) => rarely(dice, ['9223372036854775807', '-1', '1'], () => moment(dice, 1))],
  ['unix-time-milliseconds', (dice) => rarely(dice, ['-1', '1'], () => moment(dice, 1000))],
  [
    'cursor',
    (dice) => rarely(dice, ['1', '-1', 'x', '', '18446744073709551615', '18446744073709551616', ' 0', '+0'], () => '0'),
  ],
  ['scan count', (dice) => rarely(dice, ['0', '-1', 'x', '1', '10'], () => '100000')],
  ['scan type', (dice) => dice.oneOf(['string', 'STRING', 'list', 'nonsense'])],
  ['destination-db', database],
  ['move db', database],
  ['swapdb index1', database],
  ['swapdb index2', database],
  ['select index', (dice) => rarely(dice, ['16', '-1', 'x', '9223372036854775808'], () => digits(dice, 3))],
]);

/** Redis 7.0's arguments of the command as a client may write them, mostly right. */
export function makeArguments(dice: Dice, command: string, specs: readonly ArgumentSpec[]): string[] {
  return specs.flatMap((spec) => makeArgument(dice, command, spec));
}

function makeArgument(dice: Dice, command: string, spec: ArgumentSpec): string[] {
  if (spec.optional === true && dice.chance(0.55)) return [];
  const parts: string[] = [];
  let times = 1;
  if (spec.multiple === true) while (times < 5 && dice.chance(0.5)) times++;
  // An option that is given twice is an error here and there.
  else if (spec.optional === true && dice.chance(0.03)) times = 2;
  for (let i = 0; i < times; i++) {
    if (spec.token !== undefined && (i === 0 || spec.multiple_token === true || spec.multiple !== true)) {
      parts.push(inAnyCase(dice, spec.token));
    }
    parts.push(...makeOne(dice, command, spec));
  }
  return parts;
}

function makeOne(dice: Dice, command: string, spec: ArgumentSpec): string[] {
  const maker = makers.get(`${command} ${spec.name}`) ?? makers.get(spec.name);
  if (maker !== undefined) return [maker(dice)];
  switch (spec.type) {
    case 'pure-token':
      return [];
    case 'key':
      return [anyKey(dice)];
    case 'integer':
    case 'unix-time':
      return [anyInteger(dice)];
    case 'double':
      return [anyFloat(dice)];
    case 'pattern':
      return [anyPattern(dice)];
    case 'block':
      return makeArguments(dice, command, spec.arguments ?? []);
    case 'oneof': {
      const choices = spec.arguments ?? [];
      const first = makeArgument(dice, command, dice.oneOf(choices));
      // Alternatives that exclude each other.
      return dice.chance(0.04) ? [...first, ...makeArgument(dice, command, dice.oneOf(choices))] : first;
    }
    default:
      return [anyText(dice)];
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
      return [
        ...request,
        dice.oneOf(['NX', 'XX', 'GET', 'EX', 'KEEPTTL', 'PERSIST', 'GT', 'LT', 'REPLACE', 'DB', 'BIT']),
      ];
    case 3:
      return request.with(Math.min(at, request.length - 1), anySpelling(dice));
    default:
      return [...request.slice(0, at), ...request.slice(at + 1)];
  }
}

function inAnyCase(dice: Dice, token: string): string {
  return dice.chance(0.8) ? token : token.toLowerCase();
}

function digits(dice: Dice, limit: number): string {
  return String(dice.below(limit));
}

function rarely(dice: Dice, strange: readonly string[], usual: () => string): string {
  return dice.chance(0.12) ? dice.oneOf(strange) : usual();
}

function database(dice: Dice): string {
  return rarely(dice, ['16', '-1', 'x', '2147483648', '9223372036854775808'], () => digits(dice, 3));
}

function fieldType(dice: Dice): string {
  return rarely(dice, ['u64', 'i65', 'u0', 'i0', 'x8', 'u', '', 'U8', 'i8x', 'u-1'], () => {
    return `${dice.oneOf(['i', 'u'])}${dice.oneOf([1, 2, 3, 5, 7, 8, 9, 15, 16, 31, 32, 33, 48, 53, 62, 63, 63])}`;
  });
}

function fieldOffset(dice: Dice): string {
  return rarely(dice, ['-1', '#-1', '#', '4294967296', '#4294967296', 'x', '#x', '##1', '9223372036854775807'], () => {
    return `${dice.chance(0.3) ? '#' : ''}${dice.below(70)}`;
  });
}

/**
 * Far away and never the same twice, or past: what happens must not depend on the milliseconds between the two servers,
 * nor on how long the test has run.
 */
function duration(dice: Dice, unit: number): string {
  return dice.chance(0.15)
    ? dice.oneOf(['0', '-1', '-100000'])
    : String((100_000 + dice.below(1_000_000) * 100) * unit);
}

function moment(dice: Dice, unit: number): string {
  return dice.chance(0.15)
    ? dice.oneOf(['0', '1000', '-1'])
    : String((4_000_000_000 + dice.below(20) * 1_000_000) * unit);
}
