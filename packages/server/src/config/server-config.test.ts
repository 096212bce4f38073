import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadConfig } from './load.ts';
import { quoteWord, splitWords } from '@kvartz/base';
import { directiveNames, directives, findDirective } from './registry.ts';
import { ServerConfig } from './server-config.ts';

const local = { isLocal: true };

test('names and defaults are those of Redis 7.0.15', () => {
  const lines = readFileSync(new URL('testdata/redis-7.0.15-config.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  const config = new ServerConfig();
  for (const line of lines) {
    const [name, ...words] = line.split(' ');
    expect([name, findDirective(name) && config.get(name)]).toEqual([name, words.join(' ')]);
  }
});

test('every default is a value of its directive', () => {
  for (const row of directives) {
    if (row.isMultiWord && row.defaultValue === '') continue;
    const words = row.isMultiWord ? row.defaultValue.split(' ') : [row.defaultValue];
    expect([row.name, row.type.parse(words, { current: row.defaultValue, isRepeated: false })]).toEqual([
      row.name,
      { value: row.defaultValue },
    ]);
  }
});

describe('CONFIG SET', () => {
  for (const [pairs, error] of [
    [[['maxmemory', '100mb']], undefined],
    [[['MAXMEMORY', '1']], undefined],
    [[['foo', 'bar']], "Unknown option or number of arguments for CONFIG SET - 'foo'"],
    [[['Databases', '5']], "CONFIG SET failed (possibly related to argument 'Databases') - can't set immutable config"],
    [
      [['HZ', 'abc']],
      "CONFIG SET failed (possibly related to argument 'hz') - argument couldn't be parsed into an integer",
    ],
    [
      [
        ['hz', '1'],
        ['Hz', '2'],
      ],
      "CONFIG SET failed (possibly related to argument 'Hz') - duplicate parameter",
    ],
    [[['dir', '/']], "CONFIG SET failed (possibly related to argument 'dir') - can't set protected config"],
    [
      [['maxclients', '-4']],
      "CONFIG SET failed (possibly related to argument 'maxclients') - argument must be between 1 and 4294967295 inclusive",
    ],
    [
      [['slowlog-max-len', '-3']],
      "CONFIG SET failed (possibly related to argument 'slowlog-max-len') - argument must be between 0 and 9223372036854775807 inclusive",
    ],
    [[['save', '100  1']], "CONFIG SET failed (possibly related to argument 'save') - Invalid save parameters"],
    [[['save', '']], undefined],
    [[['port', '6379']], undefined],
    [
      [['slave-read-only', 'x']],
      "CONFIG SET failed (possibly related to argument 'slave-read-only') - argument must be 'yes' or 'no'",
    ],
  ] as const) {
    test(JSON.stringify(pairs), () => expect(new ServerConfig().setAll(pairs, local)).toBe(error));
  }

  test('changes the fields that code reads', () => {
    const config = new ServerConfig();
    expect(
      config.setAll(
        [
          ['maxmemory', '1gb'],
          ['timeout', '5'],
          ['client-output-buffer-limit', 'normal 3 2 1'],
        ],
        local,
      ),
    ).toBeUndefined();
    expect(config.maxmemoryBytes).toBe(2 ** 30);
    expect(config.timeoutSeconds).toBe(5);
    expect(config.outputBufferLimits.normal).toEqual({ hardBytes: 3, softBytes: 2, softSeconds: 1 });
    expect(config.outputBufferLimits.replica.hardBytes).toBe(268_435_456);
  });

  test('sets all or nothing', () => {
    const config = new ServerConfig();
    const told: (readonly string[])[] = [];
    config.onChange((names) => void told.push(names));
    expect(
      config.setAll(
        [
          ['maxmemory', '1gb'],
          ['maxclients', 'x'],
        ],
        local,
      ),
    ).toContain("'maxclients'");
    expect([config.get('maxmemory'), config.maxmemoryBytes, told]).toEqual(['0', 0, []]);
  });

  test('a listener that refuses brings everything back, and those who heard of it hear again', () => {
    const config = new ServerConfig();
    const seen: number[] = [];
    config.onChange(() => void seen.push(config.maxclients));
    config.onChange(() => (config.maxclients > 100 ? 'too many' : undefined));
    const error = config.setAll(
      [
        ['maxclients', '200'],
        ['hz', '20'],
      ],
      local,
    );
    expect(error).toBe("CONFIG SET failed (possibly related to argument 'maxclients') - too many");
    expect([config.maxclients, config.hz, seen]).toEqual([10_000, 10, [200, 10_000]]);
  });

  test('listeners hear only of what is new', () => {
    const config = new ServerConfig();
    const told: (readonly string[])[] = [];
    config.onChange((names) => void told.push(names));
    config.setAll(
      [
        ['hz', '10'],
        ['slave-read-only', 'no'],
      ],
      local,
    );
    config.setAll([['hz', '10']], local);
    expect(told).toEqual([['replica-read-only']]);
  });

  test('what can be set at start only is refused with the reason', () => {
    expect(new ServerConfig().setAll([['port', '7000']], local)).toContain(
      "'port') - Kvartz binds its addresses when it starts",
    );
  });
});

describe('CONFIG GET', () => {
  const endsWith = (pattern: string, name: string) => name.endsWith(pattern.slice(1));
  const get = (...patterns: string[]) => new ServerConfig().match(patterns, endsWith);

  test('one name, as it was written', () => expect(get('MaxMemory')).toEqual([['MaxMemory', '0']]));
  test('an alias', () => expect(get('slaveof')).toEqual([['slaveof', '']]));
  test('nothing', () => expect(get('nothing', '*nothing')).toEqual([]));
  test('each name once', () =>
    expect(get('*-to-write', 'min-slaves-to-write').map(([name]) => name)).toEqual([
      'min-replicas-to-write',
      'min-slaves-to-write',
    ]));
  test('hidden ones only by name', () => {
    expect(get('*watchdog-period')).toEqual([]);
    expect(get('watchdog-period')).toEqual([['watchdog-period', '0']]);
  });
  test('everything', () => {
    const names = new Set(new ServerConfig().match(['*'], () => true).map(([name]) => name));
    expect(names.size).toBe(directiveNames.filter((name) => findDirective(name)?.isHidden === false).length);
  });
});

test('what CONFIG GET shows, CONFIG SET and a file accept, and it is the same value', () => {
  const configs = fc.record(
    {
      maxmemory: fc.nat().map(String),
      timeout: fc.nat().map(String),
      'maxmemory-clients': fc.oneof(
        fc.nat().map(String),
        fc.nat(100).map((n) => `${n}%`),
      ),
      save: fc.array(fc.tuple(fc.integer({ min: 1 }), fc.nat())).map((points) => points.flat().join(' ')),
      requirepass: fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
      'notify-keyspace-events': fc.string({ unit: fc.constantFrom(...'KEAg$lshzxetdmn') }),
      loglevel: fc.constantFrom('debug', 'VERBOSE', 'notice'),
      'oom-score-adj-values': fc
        .array(fc.integer({ min: -2000, max: 2000 }), { minLength: 3, maxLength: 3 })
        .map((n) => n.join(' ')),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(configs, (values) => {
      const config = new ServerConfig();
      expect(config.setAll(Object.entries(values), local)).toBeUndefined();
      const again = new ServerConfig();
      const shown = Object.keys(values).map((name) => [name, config.get(name)] as const);
      expect(again.setAll(shown, local)).toBeUndefined();
      const lines = shown.map(([name, value]) => {
        const words = findDirective(name)?.isMultiWord ? value.split(' ') : [value];
        return [name, ...words.map(quoteWord)].join(' ');
      });
      expect(lines.map((line) => splitWords(line)?.[0])).toEqual(shown.map(([name]) => name));
      const loaded = loadConfig({ options: lines }).config;
      for (const [name, value] of shown) {
        expect(again.get(name)).toBe(value);
        expect(loaded.get(name)).toBe(value);
      }
    }),
  );
});
