/**
 * The text of a manifest, one line for each file:
 *
 *   file appendonly.aof.2.base.rdb seq 2 type b
 *   file appendonly.aof.1.incr.aof seq 1 type h
 *   file appendonly.aof.2.incr.aof seq 2 type i
 *
 * Pairs of other names may follow, and are passed over; lines that begin with # are comments.
 */
import { latin1Bytes, latin1Of, quoteWord, splitWords } from '@kvartz/base';
import { type AofFile, type AofFileType, Manifest } from './manifest.ts';
import { ManifestError } from './manifest-error.ts';

/** With the newline. */
const lineBytesMax = 1024;
const invalidFormat = 'Invalid AOF manifest file format';

const typeByLetter: Readonly<Record<string, AofFileType>> = { b: 'base', h: 'history', i: 'increment' };
const letterByType: Readonly<Record<AofFileType, string>> = { base: 'b', history: 'h', increment: 'i' };

/** Throws ManifestError where Redis refuses the file, in its words. */
export function parseManifest(content: Uint8Array): Manifest {
  const text = latin1Of(content);
  let base: AofFile | undefined;
  const increments: AofFile[] = [];
  const history: AofFile[] = [];
  if (text === '') throw new ManifestError({ reason: 'Found an empty AOF manifest', lineNumber: 0, line: '' });
  let lineNumber = 0;
  for (let at = 0; at < text.length;) {
    const line = lineAt(text, at);
    at += line.length;
    lineNumber++;
    if (line.startsWith('#')) continue;
    const refuse = (reason: string): ManifestError => new ManifestError({ reason, lineNumber, line: line.trim() });
    // To Redis a line ends at a zero byte.
    if (!line.endsWith('\n') || line.includes('\0')) throw refuse('The AOF manifest file contains too long line');
    const file = fileOf(line, refuse);
    if (file.type === 'base') {
      if (base !== undefined) throw refuse('Found duplicate base file information');
      base = file;
    } else if (file.type === 'history') history.push(file);
    else {
      if (file.seq <= (increments.at(-1)?.seq ?? 0)) throw refuse('Found a non-monotonic sequence number');
      increments.push(file);
    }
  }
  return new Manifest({ base, increments, history });
}

/** Byte for byte as Redis 7 writes it. */
export function formatManifest({ base, history, increments }: Manifest): Uint8Array<ArrayBuffer> {
  const files = [...(base === undefined ? [] : [base]), ...history, ...increments];
  return latin1Bytes(files.map(lineOf).join(''));
}

/** From `at` to the newline, or as much as Redis reads at once. */
function lineAt(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return text.slice(at, Math.min(at + lineBytesMax, end < 0 ? text.length : end + 1));
}

function fileOf(line: string, refuse: (reason: string) => ManifestError): AofFile {
  const words = splitWords(line);
  if (words === undefined || words.length < 6 || words.length % 2 !== 0) throw refuse(invalidFormat);
  let name: string | undefined;
  let seq = 0;
  let letter = '';
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i + 1];
    switch (words[i].toLowerCase()) {
      case 'file':
        if (/[/\\]/.test(value)) throw refuse("File can't be a path, just a filename");
        name = value;
        break;
      case 'seq':
        seq = Number(/^\s*([+-]?\d+)/.exec(value)?.[1] ?? 0);
        break;
      case 'type':
        letter = value.slice(0, 1);
        break;
      default:
    }
  }
  if (name === undefined || seq === 0 || !Number.isSafeInteger(seq) || letter === '') throw refuse(invalidFormat);
  const type = typeByLetter[letter];
  if (type === undefined) throw refuse('Unknown AOF file type');
  return { name, seq, type };
}

function lineOf({ name, seq, type }: AofFile): string {
  // Anything that is not plainly printed; and ', which Redis writes as it is and then cannot read.
  const isQuoted = /["'\\]|[^\x21-\x7e]/.test(name);
  return `file ${isQuoted ? quoteWord(name) : name} seq ${seq} type ${letterByType[type]}\n`;
}
