import type { Parsed, RewriteLine, ValueType } from './directive.ts';
import { quoteWord } from '@kvartz/base';

export const INT_MAX = 2_147_483_647n;
export const INT_MIN = -2_147_483_648n;
export const UINT_MAX = 4_294_967_295n;
export const LONG_MAX = 9_223_372_036_854_775_807n;
export const ULONG_MAX = 18_446_744_073_709_551_615n;

/** A line that must be there unless the value is the default. */
const lineOf = (words: string, value: string, defaultValue: string): readonly RewriteLine[] => [
  { text: words, isNeeded: value !== defaultValue },
];

export const yesNo: ValueType = {
  shape: 'yes or no',
  parse([word]): Parsed {
    const value = word.toLowerCase();
    return value === 'yes' || value === 'no' ? { value } : { error: "argument must be 'yes' or 'no'" };
  },
  toLines: (value, defaultValue) => lineOf(value, value, defaultValue),
};

/** A string that may be empty. */
export function text(check?: (value: string) => string | undefined): ValueType {
  return {
    shape: 'text',
    parse([value]): Parsed {
      const error = check?.(value);
      return error === undefined ? { value } : { error };
    },
    toLines: (value, defaultValue) => lineOf(quoteWord(value), value, defaultValue),
  };
}

/** A string whose empty form means that the directive is absent. */
export function optionalText(check?: (value: string) => string | undefined): ValueType {
  const type = text(check);
  return { ...type, toLines: (value) => (value === '' ? [] : [{ text: quoteWord(value), isNeeded: true }]) };
}

/** One of some words. `synonyms` are accepted and shown as the word they stand for. */
export function choice(words: readonly string[], synonyms: Readonly<Record<string, string>> = {}): ValueType {
  const allowed = [...words, ...Object.keys(synonyms)];
  const error = `argument(s) must be one of the following: ${allowed.join(', ')}`;
  return {
    shape: words.join(', '),
    parse([word]): Parsed {
      const found = allowed.find((name) => name === word.toLowerCase());
      return found === undefined ? { error } : { value: synonyms[found] ?? found };
    },
    toLines: (value, defaultValue) => lineOf(value, value, defaultValue),
  };
}

/** Several of some words at once; the first stands for none of the others. */
export function choices(words: readonly string[]): ValueType {
  return {
    shape: `some of ${words.join(', ')}`,
    parse(given): Parsed {
      const lower = given.map((word) => word.toLowerCase());
      if (lower.length === 0 || lower.some((word) => !words.includes(word))) {
        return { error: `argument(s) must be one of the following: ${words.join(', ')}` };
      }
      const others = words.slice(1).filter((word) => lower.includes(word));
      return { value: others.length === 0 ? words[0] : others.join(' ') };
    },
    toLines: (value, defaultValue) => lineOf(value, value, defaultValue),
  };
}

function checkRange(value: bigint, min: bigint, max: bigint, radix = 10): Parsed {
  if (value >= min && value <= max) return { value: value.toString(radix) };
  return { error: `argument must be between ${min.toString(radix)} and ${max.toString(radix)} inclusive` };
}

/** Redis's canonical integers: no sign but a minus, no leading zeros, 64 bits. */
function parseCanonical(word: string): bigint | undefined {
  if (!/^(0|-?[1-9][0-9]{0,18})$/.test(word)) return undefined;
  const value = BigInt(word);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** `clamp` brings an accepted value into the range that is in use (`hz`). */
export function integer(min: bigint, max: bigint, clamp?: readonly [bigint, bigint]): ValueType {
  return {
    shape: max >= LONG_MAX || max === INT_MAX ? `integer, at least ${min}` : `integer, ${min} to ${max}`,
    parse([word]): Parsed {
      const value = parseCanonical(word);
      if (value === undefined) return { error: "argument couldn't be parsed into an integer" };
      const checked = checkRange(value, min, max);
      if (clamp === undefined || 'error' in checked) return checked;
      return { value: (value < clamp[0] ? clamp[0] : value > clamp[1] ? clamp[1] : value).toString() };
    },
    toLines: (value, defaultValue) => lineOf(value, value, defaultValue),
  };
}

const UNITS: Readonly<Record<string, bigint>> = {
  '': 1n,
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1000n ** 2n,
  mb: 1024n ** 2n,
  g: 1000n ** 3n,
  gb: 1024n ** 3n,
};

/** `10`, `64kb`, `1G`; undefined when it is not an amount of memory. An empty word is 0, as in Redis. */
export function parseMemory(word: string): bigint | undefined {
  const match = /^([0-9]*)([a-z]*)$/.exec(word.toLowerCase());
  const unit = match === null ? undefined : UNITS[match[2]];
  if (match === null || unit === undefined) return undefined;
  return BigInt(match[1]) * unit;
}

/** `1gb`, `64mb`, `17`: the largest binary unit that divides the amount. */
export function formatMemory(bytes: bigint): string {
  for (const unit of ['gb', 'mb', 'kb']) {
    if (bytes !== 0n && bytes % UNITS[unit] === 0n) return `${bytes / UNITS[unit]}${unit}`;
  }
  return bytes.toString();
}

export function memory(min: bigint, max: bigint): ValueType {
  return {
    shape: 'bytes (kb, mb, gb)',
    parse([word]): Parsed {
      const bytes = parseMemory(word);
      return bytes === undefined ? { error: 'argument must be a memory value' } : checkRange(bytes, min, max);
    },
    toLines: (value, defaultValue) => lineOf(formatMemory(BigInt(value)), value, defaultValue),
  };
}

/** An amount, or a percentage (of `maxmemory`), which keeps its `%`. */
export function memoryOrPercent(percentMax: bigint): ValueType {
  return {
    shape: 'bytes (kb, mb, gb) or a percentage',
    parse([word]): Parsed {
      const bytes = parseMemory(word);
      if (bytes !== undefined) return checkRange(bytes, 0n, LONG_MAX);
      const percent = word.endsWith('%') ? parseCanonical(word.slice(0, -1)) : undefined;
      if (percent === undefined || percent < 0n) return { error: 'argument must be a memory or percent value' };
      if (percent > percentMax) return { error: `percentage argument must be less or equal to ${percentMax}` };
      return { value: percent === 0n ? '0' : `${percent}%` };
    },
    toLines: (value, defaultValue) =>
      lineOf(value.endsWith('%') ? value : formatMemory(BigInt(value)), value, defaultValue),
  };
}

export function octal(min: bigint, max: bigint): ValueType {
  return {
    shape: `octal number up to ${max.toString(8)}`,
    parse([word]): Parsed {
      if (!/^[0-7]{1,21}$/.test(word)) return { error: "argument couldn't be parsed as an octal number" };
      return checkRange(BigInt(`0o${word}`), min, max, 8);
    },
    toLines: (value, defaultValue) => lineOf(value, value, defaultValue),
  };
}
