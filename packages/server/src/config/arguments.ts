import { byteStringOfText } from './byte-string.ts';
import { trimBlanks } from './lines.ts';
import { quoteWord, splitWords } from '@kvartz/base';

/** What the command line of a server asks for. */
export interface ServerArguments {
  readonly action: 'run' | 'help' | 'version';
  /** As given; not yet resolved. */
  readonly file: string | undefined;
  /** A bare `-` stood first or last: more configuration comes on standard input. */
  readonly readsStdin: boolean;
  /** Lines of configuration (byte strings) that come after the file and standard input. */
  readonly options: readonly string[];
}

/**
 * Reads arguments as redis-server does: `[file] [-] [--name value ...]...`, where a value is everything up to the next
 * argument that begins with `--`. One argument may hold name and value (`'--port 7000'`), a value that begins with `--`
 * is taken as such directly after a name, and `--save` without a value means no save points.
 */
export function parseArguments(argv: readonly string[]): ServerArguments {
  if (argv.length === 1 && (argv[0] === '-v' || argv[0] === '--version')) return only('version');
  if (argv.length === 1 && (argv[0] === '-h' || argv[0] === '--help')) return only('help');
  const file = argv[0] !== undefined && !argv[0].startsWith('-') ? argv[0] : undefined;
  let readsStdin = false;
  let awaitsValue = false;
  const options: string[] = [];
  for (let i = file === undefined ? 0 : 1; i < argv.length; i++) {
    const argument = argv[i];
    if (!awaitsValue && argument === '-' && (i === 0 || i === argv.length - 1)) {
      readsStdin = true;
    } else if (!awaitsValue && argument.startsWith('--')) {
      const line = byteStringOfText(argument.slice(2));
      const nextIsOption = argv[i + 1] === undefined || argv[i + 1].startsWith('--');
      if ((splitWords(line)?.length ?? 0) > 1) {
        options.push(line);
      } else if (trimBlanks(line).toLowerCase() === 'save' && nextIsOption) {
        options.push('save ""');
      } else {
        options.push(line);
        awaitsValue = true;
      }
    } else {
      const word = quoteWord(byteStringOfText(argument));
      // Redis joins a stray word to the option before it; without one it is a directive of that name.
      if (options.length === 0) options.push(word);
      else options[options.length - 1] += ` ${word}`;
      awaitsValue = false;
    }
  }
  return { action: 'run', file, readsStdin, options };
}

function only(action: 'help' | 'version'): ServerArguments {
  return { action, file: undefined, readsStdin: false, options: [] };
}

/** A value of a directive in code: a list gives several words (`bind`), a list of lists several lines (`save`). */
export type DirectiveValue =
  | string
  | number
  | boolean
  | readonly (string | number)[]
  | readonly (readonly (string | number)[])[];

/** Directives given in code, as lines: `{ port: 0, 'cluster-enabled': true, save: [[900, 1], [300, 10]] }`. */
export function optionsOf(values: Readonly<Record<string, DirectiveValue | undefined>>): string[] {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const isNested = Array.isArray(value) && value.some((item) => Array.isArray(item));
    for (const words of (isNested ? value : [value]) as (DirectiveValue & (string | number | boolean | []))[]) {
      lines.push([name, ...wordsOf(words).map((word) => quoteWord(byteStringOfText(word)))].join(' '));
    }
  }
  return lines;
}

function wordsOf(value: unknown): string[] {
  if (typeof value === 'boolean') return [value ? 'yes' : 'no'];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
