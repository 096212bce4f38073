import { ConfigError, type ConfigOrigin } from './errors.ts';
import { splitWords } from '@kvartz/base';

/** One directive as it was written. */
export interface ConfigLine {
  readonly origin: ConfigOrigin;
  /** One-based line of the file, or number of the option. */
  readonly lineNumber: number;
  /** Trimmed. */
  readonly text: string;
  /** The first is the name, in lower case. */
  readonly words: readonly [string, ...string[]];
}

/** Not `String.trim`: in a byte string, U+00A0 is a part of a character. */
export function trimBlanks(line: string): string {
  return line.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
}

/** The directives of a redis.conf, without comments and blank lines. Throws ConfigError where quotes do not close. */
export function parseConfigText(text: string, origin: ConfigOrigin): ConfigLine[] {
  const lines: ConfigLine[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const trimmed = trimBlanks(raw);
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const at = { origin, lineNumber: index + 1, text: trimmed };
    const [name, ...rest] = splitWords(trimmed) ?? fail('Unbalanced quotes in configuration line', at);
    if (name !== undefined) lines.push({ ...at, words: [name.toLowerCase(), ...rest] });
  }
  return lines;
}

function fail(reason: string, at: ConstructorParameters<typeof ConfigError>[1]): never {
  throw new ConfigError(reason, at);
}
