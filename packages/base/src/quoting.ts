/**
 * How redis.conf, the manifest of an append-only file and MONITOR quote: words are separated by blanks; "double quotes" know
 * \n \r \t \b \a, \xHH and \ before any other character; 'single quotes' know only \'. A closing quote must be followed by a blank
 * or the end of the line. Texts are byte strings: one character per byte (`latin1Of`, `latin1Bytes`).
 */
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

const isBlank = (c: string): boolean =>
  c === ' ' || c === '\t' || c === '\n' || c === '\r' || c === '\v' || c === '\f' || c === '\0';

/** The words of a line, or undefined when its quotes do not close (or go on after they closed). */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isBlank(line[at])) at++;
    if (at === line.length) return words;
    let word = '';
    while (at < line.length && !isBlank(line[at])) {
      const quote = line[at];
      if (quote !== '"' && quote !== "'") {
        word += quote;
        at++;
        continue;
      }
      const quoted = readQuoted(line, at);
      if (quoted === undefined) return undefined;
      word += quoted.text;
      at = quoted.end;
    }
    words.push(word);
  }
}

function readQuoted(line: string, start: number): { text: string; end: number } | undefined {
  const quote = line[start];
  let text = '';
  let at = start + 1;
  while (at < line.length) {
    const c = line[at];
    if (c === quote) {
      const next = line[at + 1];
      return next === undefined || isBlank(next) ? { text, end: at + 1 } : undefined;
    }
    if (c !== '\\' || at + 1 === line.length) {
      text += c;
      at++;
    } else if (quote === "'") {
      const isQuote = line[at + 1] === "'";
      text += isQuote ? "'" : '\\';
      at += isQuote ? 2 : 1;
    } else {
      const hex = line.slice(at + 1, at + 4);
      if (/^x[0-9a-fA-F]{2}$/.test(hex)) {
        text += String.fromCharCode(Number.parseInt(hex.slice(1), 16));
        at += 4;
      } else {
        text += ESCAPES[line[at + 1]] ?? line[at + 1];
        at += 2;
      }
    }
  }
  return undefined;
}

const NAMED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
};

/** The byte string in double quotes, so that `splitWords` gives it back and a terminal can show it. */
export function quoteWord(word: string): string {
  let quoted = '"';
  for (const c of word) {
    const code = c.charCodeAt(0);
    quoted += NAMED[c] ?? (code >= 0x20 && code < 0x7f ? c : `\\x${code.toString(16).padStart(2, '0')}`);
  }
  return quoted + '"';
}
