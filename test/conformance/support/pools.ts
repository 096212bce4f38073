import type { Dice } from './dice.ts';

/** Few, so that they collide; some strange. A character per byte. */
const keys = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'a:1', '{t}1', '', 'k\x00\xff\r\n', 'long'.repeat(20)];

const integers = [
  '0',
  '1',
  '-1',
  '2',
  '7',
  '10',
  '-10',
  '100',
  '-2147483648',
  '2147483647',
  '4294967296',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775806',
  '9223372036854775808',
  '-9223372036854775809',
];

/** Almost integers, or numbers in some grammars only. */
const spellings = ['', ' 1', '1 ', '+1', '-0', '01', '-', '0x10', '1e3', 'abc', '1.0', '\x001', '1\x00', 'nan', 'inf'];

const floats = [
  '0.1',
  '-0.1',
  '3.0e3',
  '5.0e-3',
  '1e17',
  '1e-17',
  '4.9e-18',
  '1.5',
  '0.30000000000000004',
  '123456789.123456789',
  '99999999999999.99',
  '46.1',
  '91.99999',
  '1e4931',
  '-1e4931',
  '1.18973149535723176502e+4932',
  '1e4933',
  '1e-4950',
  '1e-4960',
  '0x1.8p3',
  '0x.1',
  '0x1p-16445',
  '0x',
  'inf',
  '-inf',
  'infinity',
  'nan',
  '1.',
  '.5',
  '.',
  '1e',
  '+7.25',
  '-0.0',
  '0.00000000000000001',
  '18446744073709551615.5',
  '100.1',
];

const texts = [
  'foo',
  'bar',
  'foobar',
  'ohmytext',
  'mynewtext',
  '\x00\xff\x80',
  'x'.repeat(44),
  'y'.repeat(45),
  '*',
  'aAbB',
];

const patterns = [
  '*',
  'k*',
  'k?',
  'k[1-3]',
  'k[^1]',
  'k[',
  'k[^',
  '**',
  'k\\1',
  '\\',
  '*[0-9]',
  '*k*1*',
  '',
  'k[3-1]',
  '?*',
];

/** Keys that mostly hold one type, by the groups of the facts: else nearly every request would be answered WRONGTYPE. */
const keysByGroup = new Map<string, readonly string[]>([
  ['hash', ['h1', 'h2', 'h3']],
  ['list', ['l1', 'l2', 'l3', '{t}l']],
  ['set', ['s1', 's2', 's3', 's4']],
  ['sorted_set', ['z1', 'z2', 'z3', 'z4', 's1']],
  ['geo', ['g1', 'g2', 'z1']],
  ['hyperloglog', ['p1', 'p2', 'p3']],
  ['stream', ['x1', 'x2', 'x3']],
  ['sort', ['l1', 'l2', 's1', 's2', 'z1', 'z2']],
]);
const allKeys = [...new Set([...keys, ...keysByGroup.values()].flat())];

export function anyKey(dice: Dice): string {
  return dice.oneOf(allKeys);
}

/** A key as a command of this group expects it, mostly. */
export function anyKeyOf(dice: Dice, group: string): string {
  const own = keysByGroup.get(group) ?? (group === 'generic' ? allKeys : keys);
  return dice.oneOf(dice.chance(0.94) ? own : allKeys);
}

const members = ['a', 'b', 'c', 'd', 'm1', 'm2', 'member:with:a:long:name', '1', '2', '3', '', '\x00\xff'];

/** Of sets, sorted sets, hashes: few, so that they meet again; some numbers; seldom one too long for a listpack. */
export function anyMember(dice: Dice): string {
  const kind = dice.below(20);
  if (kind < 12) return dice.oneOf(members);
  if (kind < 17) return String(dice.below(30) - 5);
  if (kind < 19) return anyText(dice);
  return dice.chance(0.8) ? dice.oneOf(integers) : 'z'.repeat(64 + dice.below(3));
}

export function anyElement(dice: Dice): string {
  return dice.chance(0.6) ? anyMember(dice) : anyText(dice);
}

const scores = ['0', '1', '2', '3', '-1', '1.5', '2.25', '0.1', '-0', 'inf', '-inf', '+inf', '1e20', '3.0e-5', '1e300'];

export function anyScore(dice: Dice): string {
  if (dice.chance(0.5)) return dice.oneOf(scores);
  return dice.chance(0.9) ? String(dice.below(200) / 8 - 5) : anyFloat(dice);
}

/** Of a range by score. */
export function anyBound(dice: Dice): string {
  if (dice.chance(0.4))
    return dice.oneOf(['-inf', '+inf', 'inf', '(1', '(2', '(-inf', '(+inf', '0', '(nan', 'nan', '(']);
  return (dice.chance(0.3) ? '(' : '') + anyScore(dice);
}

export function anyLexBound(dice: Dice): string {
  if (dice.chance(0.4)) return dice.oneOf(['-', '+', '[', '(', '[a', '(c', '-x', '+x', 'a', '']);
  return dice.oneOf(['[', '(']) + anyMember(dice);
}

/** Each dice's own clock of streams: most new IDs are above those before. */
const clocks = new WeakMap<Dice, number>();

/** Of an entry that is added. Never `*`: the servers would disagree. */
export function anyNewStreamId(dice: Dice): string {
  const ms = (clocks.get(dice) ?? 0) + dice.below(3);
  clocks.set(dice, ms);
  if (dice.chance(0.04))
    return dice.oneOf([...strangeStreamIds, '18446744073709551615-*', '0-*', '-*', '*-1', '1-2-*']);
  if (dice.chance(0.3)) return `${ms}-*`;
  return dice.chance(0.3) ? String(ms) : `${ms}-${dice.below(dice.chance(0.1) ? 2 ** 40 : 5)}`;
}

const strangeStreamIds = [
  '0-0',
  '0',
  '18446744073709551615-18446744073709551615',
  '18446744073709551615',
  '18446744073709551616',
  '1-18446744073709551615',
  '-',
  '+',
  '$',
  '>',
  '',
  '1-',
  '-1',
  '(1',
  '1--5',
  '007-08',
  ' 3-1',
  'x',
];

/** Of an entry that may be there. */
export function anyStreamId(dice: Dice): string {
  if (dice.chance(0.12)) return dice.oneOf(strangeStreamIds);
  const ms = dice.below((clocks.get(dice) ?? 0) + 2);
  return dice.chance(0.5) ? String(ms) : `${ms}-${dice.below(4)}`;
}

export function anyStreamBound(dice: Dice): string {
  if (dice.chance(0.3))
    return dice.oneOf(['-', '+', '-', '+', '(-', '(0', '(18446744073709551615-18446744073709551615', '(']);
  return (dice.chance(0.2) ? '(' : '') + anyStreamId(dice);
}

/** BY and GET of SORT. */
export function anySortPattern(dice: Dice): string {
  return dice.oneOf([
    'k*',
    'h*->a',
    'h*->1',
    'h1->*',
    '#',
    'nosort',
    '*',
    'h*->',
    '->a',
    'z*',
    'k*x',
    '{t}*',
    'none_*',
  ]);
}

export function anyInteger(dice: Dice): string {
  if (dice.chance(0.5)) return String(dice.below(300) - 60);
  return dice.chance(0.85) ? dice.oneOf(integers) : dice.oneOf(spellings);
}

export function anyFloat(dice: Dice): string {
  const kind = dice.below(4);
  if (kind === 0) return dice.oneOf(floats);
  if (kind === 1) return anyInteger(dice);
  const places = dice.below(16);
  return (dice.below(2 ** 31) / 10 ** dice.below(12) - (kind - 2) * 50).toFixed(places);
}

export function anyText(dice: Dice): string {
  const kind = dice.below(6);
  if (kind === 0) return anyInteger(dice);
  if (kind === 1) return dice.oneOf(spellings);
  if (kind === 2) return anyFloat(dice);
  if (kind === 3) return dice.bytes(dice.below(dice.chance(0.1) ? 1500 : 80));
  return dice.oneOf(texts);
}

export function anyPattern(dice: Dice): string {
  return dice.oneOf(patterns);
}

export function anySpelling(dice: Dice): string {
  return dice.oneOf(spellings);
}
