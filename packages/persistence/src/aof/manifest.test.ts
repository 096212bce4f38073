import { latin1Bytes, latin1Of } from '@kvartz/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AofFile, Manifest, manifestName, temporaryIncrementName, temporaryManifestName } from './manifest.ts';
import { ManifestError } from './manifest-error.ts';
import { formatManifest, parseManifest } from './manifest-text.ts';

const name = 'appendonly.aof';
const parse = (text: string): Manifest => parseManifest(latin1Bytes(text));
const format = (manifest: Manifest): string => latin1Of(formatManifest(manifest));

describe('a life of a manifest, in the lines of redis-server 7.0', () => {
  const first = Manifest.empty.withNewBase(name, 'rdb').manifest.withNewIncrement(name).manifest;

  test('a new append-only file', () => {
    expect(format(first)).toBe(
      'file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
    );
    expect(first.loadedFiles.map((file) => file.name)).toEqual([
      'appendonly.aof.1.base.rdb',
      'appendonly.aof.1.incr.aof',
    ]);
  });

  test('a rewrite: a new increment, then a new base, then the old files go', () => {
    const begun = first.withNewIncrement(name);
    expect(begun.file).toEqual({ name: 'appendonly.aof.2.incr.aof', seq: 2, type: 'increment' });
    const done = begun.manifest.withNewBase(name, 'aof').manifest.withIncrementsAsHistory(1);
    expect(format(done)).toBe(
      [
        'file appendonly.aof.2.base.aof seq 2 type b',
        'file appendonly.aof.1.incr.aof seq 1 type h',
        'file appendonly.aof.1.base.rdb seq 1 type h',
        'file appendonly.aof.2.incr.aof seq 2 type i',
        '',
      ].join('\n'),
    );
    expect(format(done.withoutHistory())).toBe(
      'file appendonly.aof.2.base.aof seq 2 type b\nfile appendonly.aof.2.incr.aof seq 2 type i\n',
    );
  });

  test('numbers of files that are gone are not given again', () => {
    const off = first.withIncrementsAsHistory(0).withoutHistory();
    expect(off.withNewIncrement(name).file.seq).toBe(2);
    expect(off.isEmpty).toBe(false);
  });

  test('an append-only file of one file', () => {
    expect(format(Manifest.ofSingleFile(name))).toBe('file appendonly.aof seq 1 type b\n');
    expect(Manifest.ofSingleFile(name).withNewBase(name, 'rdb').file.name).toBe('appendonly.aof.2.base.rdb');
  });

  test('names beside those of the files', () => {
    expect([manifestName(name), temporaryManifestName(name), temporaryIncrementName(name)]).toEqual([
      'appendonly.aof.manifest',
      'temp-appendonly.aof.manifest',
      'temp-appendonly.aof.incr',
    ]);
  });
});

describe('what is read', () => {
  test('comments, other pairs, any case of letters, blanks, quotes', () => {
    const manifest = parse(
      '#\n# a comment\n  FILE "a b\\x01.aof"\tSeq 7x type base other value\r\nfile i.aof seq 3 type incr\n',
    );
    expect(manifest.base).toEqual({ name: 'a b\x01.aof', seq: 7, type: 'base' });
    expect(manifest.increments).toEqual([{ name: 'i.aof', seq: 3, type: 'increment' }]);
    expect([manifest.baseSeq, manifest.incrementSeq]).toEqual([7, 3]);
  });

  test('a name with a quote, which Redis cannot read again', () => {
    const manifest = Manifest.ofSingleFile("4'");
    expect(format(manifest)).toBe(`file "4'" seq 1 type b\n`);
    expect(parseManifest(formatManifest(manifest))).toEqual(manifest);
  });

  test('nothing but comments is a manifest of no files', () => {
    expect(parse('# nothing\n').isEmpty).toBe(true);
  });

  test('what was written is read again, whatever the names', () => {
    const names = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 40 })
      .map((text) => latin1Of(latin1Bytes(text)).replaceAll(/[/\\]/g, '_'));
    const file = <T extends AofFile['type']>(type: T): fc.Arbitrary<AofFile> =>
      fc.record({ name: names, seq: fc.integer({ min: 1, max: 2 ** 40 }), type: fc.constant(type) });
    const increments = fc
      .uniqueArray(file('increment'), { selector: ({ seq }) => seq, maxLength: 5 })
      .map((files) => files.toSorted((a, b) => a.seq - b.seq));
    fc.assert(
      fc.property(
        fc.option(file('base'), { nil: undefined }),
        increments,
        fc.array(file('history'), { maxLength: 5 }),
        (base, incrementFiles, history) => {
          fc.pre(base !== undefined || incrementFiles.length + history.length > 0);
          const manifest = new Manifest({ base, increments: incrementFiles, history });
          expect(parseManifest(formatManifest(manifest))).toEqual(manifest);
        },
      ),
    );
  });
});

describe('what is refused', () => {
  const line = 'file a seq 1 type i\n';
  for (const [text, reason, lineNumber] of [
    ['', 'Found an empty AOF manifest', 0],
    ['file a seq 1 type b', 'The AOF manifest file contains too long line', 1],
    [`${line}file ${'a'.repeat(1020)} seq 1 type b\n`, 'The AOF manifest file contains too long line', 2],
    ['file a\0 seq 1 type b\n', 'The AOF manifest file contains too long line', 1],
    ['\n', 'Invalid AOF manifest file format', 1],
    ['file a seq 1\n', 'Invalid AOF manifest file format', 1],
    ['file a seq 1 type b more\n', 'Invalid AOF manifest file format', 1],
    ['file "a seq 1 type b\n', 'Invalid AOF manifest file format', 1],
    ['file a seq 0 type b\n', 'Invalid AOF manifest file format', 1],
    ['file a seq x type b\n', 'Invalid AOF manifest file format', 1],
    ['file a seq 1 type ""\n', 'Invalid AOF manifest file format', 1],
    ['other a seq 1 type b\n', 'Invalid AOF manifest file format', 1],
    ['file ../a seq 1 type b\n', "File can't be a path, just a filename", 1],
    ['file a seq 1 type b\nfile b seq 2 type b\n', 'Found duplicate base file information', 2],
    [`${line}# between\n${line}`, 'Found a non-monotonic sequence number', 3],
    ['file a seq -1 type i\n', 'Found a non-monotonic sequence number', 1],
    ['file a seq 1 type x\n', 'Unknown AOF file type', 1],
  ] as const) {
    test(`${JSON.stringify(text.slice(0, 50))}: ${reason}`, () => {
      let error: unknown;
      try {
        parse(text);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(ManifestError);
      expect(error).toMatchObject({ code: 'corrupt', reason, lineNumber });
    });
  }

  test('any bytes give a manifest or a ManifestError', () => {
    const words = fc.constantFrom('file', 'seq', 'type', 'a', '1', '2', 'b', 'i', 'h', '"', '#', '\n', ' ', '\\', '\0');
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), (parts) => {
        try {
          parse(parts.join(' ').replaceAll(' \n ', '\n'));
        } catch (error) {
          expect(error).toBeInstanceOf(ManifestError);
        }
      }),
    );
  });
});
