import type { Dice } from './dice.ts';
import {
  anyBound,
  anyElement,
  anyFloat,
  anyInteger,
  anyLexBound,
  anyMember,
  anyScore,
  anyNewStreamId,
  anySortPattern,
  anyStreamBound,
  anyStreamId,
  anyText,
} from './pools.ts';

export type Maker = (dice: Dice) => string;

/**
 * Arguments of which most values would be useless, dangerous (half a gigabyte of zeros) or a matter of timing. Keys are
 * `command argument` or `argument`.
 */
export const makers = new Map<string, Maker>([
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
  ['scan count', wholeCount],
  ['scan type', (dice) => dice.oneOf(['string', 'STRING', 'list', 'nonsense'])],
  ['destination-db', database],
  ['move db', database],
  ['swapdb index1', database],
  ['swapdb index2', database],
  ['select index', (dice) => rarely(dice, ['16', '-1', 'x', '9223372036854775808'], () => digits(dice, 3))],
  ['timeout', (dice) => rarely(dice, ['-1', 'x', '-0.002', '', 'nan'], () => dice.oneOf(['0.001', '0.01', '1e-3']))],
  ['field', anyMember],
  ['member', anyMember],
  ['member1', anyMember],
  ['member2', anyMember],
  ['element', anyElement],
  ['pivot', anyElement],
  ['hset value', (dice) => (dice.chance(0.4) ? anyInteger(dice) : anyText(dice))],
  ['pfadd element', (dice) => (dice.chance(0.7) ? digits(dice, 100_000) : anyText(dice))],
  ['pfdebug subcommand', (dice) => dice.oneOf(['GETREG', 'DECODE', 'ENCODING', 'TODENSE', 'encoding', 'x'])],
  ['score', anyScore],
  ['weight', anyScore],
  ['zincrby increment', anyScore],
  ['hincrbyfloat increment', anyFloat],
  ['min', anyBound],
  ['max', anyBound],
  ['zrangebylex min', anyLexBound],
  ['zrangebylex max', anyLexBound],
  ['zrevrangebylex min', anyLexBound],
  ['zrevrangebylex max', anyLexBound],
  ['zremrangebylex min', anyLexBound],
  ['zremrangebylex max', anyLexBound],
  ['zlexcount min', anyLexBound],
  ['zlexcount max', anyLexBound],
  ['start', position],
  ['stop', position],
  ['zrangestore min', position],
  ['zrangestore max', position],
  ['index', position],
  ['rank', (dice) => rarely(dice, ['0', 'x', '-9223372036854775808', '9223372036854775807'], () => signed(dice, 4))],
  ['num-matches', small],
  ['len', small],
  ['limit', small],
  ['offset', small],
  ['count', small],
  // Negative counts ask for as many, with repetitions: none that would fill the memory.
  ['hrandfield count', randomCount],
  ['srandmember count', randomCount],
  ['zrandmember count', randomCount],
  ['lrem count', (dice) => rarely(dice, ['x', '9223372036854775807', '-9223372036854775808'], () => signed(dice, 3))],
  ['sscan count', wholeCount],
  ['hscan count', wholeCount],
  ['zscan count', wholeCount],
  ['id-selector', anyNewStreamId],
  ['ID', anyStreamId],
  // Redis 7.0 does not know `+`.
  ['xread ID', (dice) => anyStreamId(dice).replace(/^\+$/, '>')],
  ['id', anyStreamId],
  ['threshold', (dice) => (dice.chance(0.5) ? small(dice) : anyStreamId(dice))],
  ['last-id', (dice) => (dice.chance(0.5) ? anyNewStreamId(dice) : anyStreamId(dice))],
  ['max-deleted-id', anyStreamId],
  ['xsetid entries-added', (dice) => (dice.chance(0.5) ? anyInteger(dice) : digits(dice, 100))],
  ...['xrange start', 'xrange end', 'xrevrange start', 'xrevrange end'].map((name) => [name, anyStreamBound] as const),
  ...['xpending start', 'xpending end', 'xautoclaim start'].map((name) => [name, anyStreamBound] as const),
  ['group', (dice) => dice.oneOf(['g', 'g', 'g', 'h', ''])],
  ['consumer', (dice) => dice.oneOf(['alice', 'bob', 'bob', 'carol', ''])],
  ['xgroup|create id-selector', (dice) => (dice.chance(0.7) ? dice.oneOf(['0', '$', '0']) : anyStreamId(dice))],
  ['entriesread', (dice) => (dice.chance(0.3) ? anyInteger(dice) : digits(dice, 30))],
  ['min-idle-time', (dice) => rarely(dice, ['-1', 'x', '9223372036854775807'], () => idleMs(dice))],
  ['xclaim ms', (dice) => rarely(dice, ['-1', 'x', '9223372036854775807'], () => idleMs(dice))],
  ['xclaim unix-time-milliseconds', (dice) => dice.oneOf(['1', '0', '-1', '99999999999999', 'x'])],
  ['lastid', anyStreamId],
  ['xreadgroup milliseconds', (dice) => rarely(dice, ['-1', 'x', ''], () => '1')],
  ['xread milliseconds', (dice) => rarely(dice, ['-1', 'x', ''], () => '1')],
  ['by-pattern', anySortPattern],
  ['get-pattern', anySortPattern],
  ['longitude', (dice) => rarely(dice, ['181', '-180', '180.0001', 'x', 'inf', 'nan'], () => degrees(dice, 180))],
  ['latitude', (dice) => rarely(dice, ['86', '-85.05112878', '85.06', 'x'], () => degrees(dice, 85))],
  ['radius', distance],
  ['width', distance],
  ['height', distance],
]);

/** Digits of a number below `limit`. */
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

/** Nothing, or far more and far less than a test takes. */
function idleMs(dice: Dice): string {
  return dice.oneOf(['0', '0', '0', '3600000', '100000000']);
}

function small(dice: Dice): string {
  return rarely(dice, ['-1', 'x', '', '9223372036854775807', '9223372036854775808'], () => digits(dice, 5));
}

function signed(dice: Dice, limit: number): string {
  return String(dice.below(2 * limit + 1) - limit);
}

function position(dice: Dice): string {
  if (dice.chance(0.3)) return dice.oneOf(['0', '-1', '1', '-2']);
  return rarely(dice, ['x', '', '9223372036854775807', '-9223372036854775808', '1.5'], () => signed(dice, 12));
}

function randomCount(dice: Dice): string {
  return rarely(dice, ['x', '', '9223372036854775807', '-9223372036854775808'], () => signed(dice, 9));
}

/** Only a scan that ends at once can be compared. */
function wholeCount(dice: Dice): string {
  return rarely(dice, ['0', '-1', 'x', '1', '10'], () => '100000');
}

/** Few places, so that distances repeat, and some anywhere. */
function degrees(dice: Dice, limit: number): string {
  if (dice.chance(0.4)) return dice.oneOf(['13.361389', '38.115556', '15.087269', '37.502669', '0', '-0.5']);
  return ((dice.below(2 ** 31) / 2 ** 31) * 2 * limit - limit).toFixed(dice.below(9));
}

function distance(dice: Dice): string {
  return rarely(dice, ['-1', 'x', '0', '1e9', 'inf', 'nan'], () => String(dice.below(10 ** (1 + dice.below(7)))));
}
