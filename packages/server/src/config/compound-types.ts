/** Directives whose value is more than one word of one kind. */
import type { Parsed, RewriteLine, ValueType } from './directive.ts';
import { quoteWord } from '@kvartz/base';
import { formatMemory, parseMemory } from './value-types.ts';

const WRONG_COUNT: Parsed = { error: 'wrong number of arguments' };

/** `save ""` in a file and CONFIG SET alike: one empty word stands for none. */
const dropEmpty = (words: readonly string[]): readonly string[] => (words.length === 1 && words[0] === '' ? [] : words);

const parseWhole = (word: string): number => (/^\s*[+-]?[0-9]+$/.test(word) ? Number(word) : Number.NaN);

/** Pairs of seconds and changes. In a file every line adds one; the first replaces the defaults. */
export const savePoints: ValueType = {
  shape: 'pairs of seconds and changes',
  parse(given, state): Parsed {
    const words = dropEmpty(given);
    const numbers = words.map(parseWhole);
    const isValid = words.length % 2 === 0 && numbers.every((n, i) => n >= (i % 2 === 0 ? 1 : 0));
    if (!isValid) return { error: 'Invalid save parameters' };
    const before = state.isRepeated && state.current !== '' ? [state.current] : [];
    return { value: [...before, ...numbers].join(' ') };
  },
  toLines(value): readonly RewriteLine[] {
    const words = value.split(' ');
    if (value === '') return [{ text: '""', isNeeded: true }];
    const lines: RewriteLine[] = [];
    for (let i = 0; i < words.length; i += 2) lines.push({ text: `${words[i]} ${words[i + 1]}`, isNeeded: true });
    return lines;
  },
};

const OUTPUT_CLASSES = ['normal', 'slave', 'pubsub'] as const;

/** `class hard soft seconds`, once or more; classes that are not named keep their limits. */
export const outputBufferLimits: ValueType = {
  shape: 'class (normal, replica, pubsub), hard limit, soft limit, seconds',
  parse(words, state): Parsed {
    if (words.length % 4 !== 0) return { error: 'Wrong number of arguments in buffer limit configuration.' };
    const groups = fourByFour(state.current);
    for (let i = 0; i < words.length; i += 4) {
      const given = words[i].toLowerCase();
      const index = OUTPUT_CLASSES.findIndex((name) => name === (given === 'replica' ? 'slave' : given));
      if (index < 0) return { error: 'Invalid client class specified in buffer limit configuration.' };
      const hard = parseMemory(words[i + 1]);
      const soft = parseMemory(words[i + 2]);
      const seconds = parseWhole(words[i + 3]);
      if (hard === undefined || soft === undefined || !(seconds >= 0)) {
        return { error: 'Error in hard, soft or soft_seconds setting in buffer limit configuration.' };
      }
      groups[index] = [OUTPUT_CLASSES[index], `${hard}`, `${soft}`, `${seconds}`];
    }
    return { value: groups.flat().join(' ') };
  },
  toLines(value, defaultValue): readonly RewriteLine[] {
    const defaults = fourByFour(defaultValue);
    return fourByFour(value).map((group, i) => ({
      text: [
        group[0] === 'slave' ? 'replica' : group[0],
        formatMemory(BigInt(group[1])),
        formatMemory(BigInt(group[2])),
        group[3],
      ].join(' '),
      isNeeded: group.join(' ') !== defaults[i].join(' '),
    }));
  },
};

function fourByFour(value: string): string[][] {
  const words = value.split(' ');
  return OUTPUT_CLASSES.map((_, i) => words.slice(i * 4, i * 4 + 4));
}

export const oomScoreValues: ValueType = {
  shape: 'three integers, -2000 to 2000',
  parse(words): Parsed {
    if (words.length !== 3) return WRONG_COUNT;
    const numbers = words.map(parseWhole);
    if (!numbers.every((n) => n >= -2000 && n <= 2000)) {
      return { error: 'Invalid oom-score-adj-values, elements must be between -2000 and 2000.' };
    }
    return { value: numbers.join(' ') };
  },
  toLines: (value, defaultValue) => [{ text: value, isNeeded: value !== defaultValue }],
};

const EVENTS_OF_A = 'g$lshzxetd';

/** A set of letters, shown in a fixed order and with `A` for those that it stands for. */
export const keyspaceEvents: ValueType = {
  shape: 'letters out of KEA, g$lshzxetdmn',
  parse(words): Parsed {
    if (words.length !== 1) return WRONG_COUNT;
    const letters = new Set<string>();
    for (const letter of words[0]) {
      if (letter === 'A') for (const each of EVENTS_OF_A) letters.add(each);
      else if (`${EVENTS_OF_A}KEmn`.includes(letter)) letters.add(letter);
      else return { error: "Invalid event class character. Use 'Ag$lshzxeKEtmdn'." };
    }
    const hasAll = [...EVENTS_OF_A].every((letter) => letters.has(letter));
    // With A in force Redis 7.0 forgets to show n: it would be lost when the file is written again.
    const shown = [...(hasAll ? '' : EVENTS_OF_A), ...'nKEm'].filter((letter) => letters.has(letter)).join('');
    return { value: hasAll ? `A${shown}` : shown };
  },
  toLines: (value) => [{ text: quoteWord(value), isNeeded: value !== '' }],
};

const BIND_ADDRESSES_MAX = 16;

/** Addresses to listen on. `-` before one: it may be missing on this machine. */
export const bindAddresses: ValueType = {
  shape: 'addresses',
  parse(words): Parsed {
    if (words.length > BIND_ADDRESSES_MAX) return { error: 'Too many bind addresses specified.' };
    return { value: dropEmpty(words).join(' ') };
  },
  toLines(value, defaultValue): readonly RewriteLine[] {
    return value === defaultValue ? [] : [{ text: value === '' ? '""' : value, isNeeded: true }];
  },
};

export const masterAddress: ValueType = {
  shape: 'host and port, or no one',
  parse(words): Parsed {
    if (words.length !== 2) return WRONG_COUNT;
    if (words[0].toLowerCase() === 'no' && words[1].toLowerCase() === 'one') return { value: '' };
    const port = parseWhole(words[1]);
    return port >= 0 && port <= 65_535 ? { value: `${words[0]} ${port}` } : { error: 'Invalid master port' };
  },
  toLines: (value) => (value === '' ? [] : [{ text: value, isNeeded: true }]),
};

export const percentiles: ValueType = {
  shape: 'percentages',
  parse(given): Parsed {
    const numbers = dropEmpty(given).map((word) =>
      /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(word) ? Number(word) : NaN,
    );
    if (numbers.some(Number.isNaN)) return { error: 'Invalid latency-tracking-info-percentiles parameters' };
    if (numbers.some((n) => n < 0 || n > 100)) {
      return { error: 'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]' };
    }
    return { value: numbers.map((n) => String(Number(n.toFixed(6)))).join(' ') };
  },
  toLines: (value, defaultValue) => [{ text: value === '' ? '""' : value, isNeeded: value !== defaultValue }],
};

/** The folder of the server's files; the file always names it in full. */
export const folder: ValueType = {
  shape: 'path',
  parse: (words) => (words.length === 1 ? { value: words[0] } : WRONG_COUNT),
  toLines: (value) => [{ text: quoteWord(value), isNeeded: true }],
};
