import { describe, expect, test } from 'vitest';
import { optionsOf, parseArguments } from './arguments.ts';

describe('parseArguments', () => {
  for (const [argv, expected] of [
    [[], {}],
    [['/etc/redis.conf'], { file: '/etc/redis.conf' }],
    [['--port', '7000'], { options: ['port "7000"'] }],
    [
      ['a.conf', '--port', '7000', '--cluster-enabled', 'yes'],
      { file: 'a.conf', options: ['port "7000"', 'cluster-enabled "yes"'] },
    ],
    [['--save', '900', '1', '300', '10'], { options: ['save "900" "1" "300" "10"'] }],
    [['--save', '', '--port', '1'], { options: ['save ""', 'port "1"'] }],
    [['--save', '--port', '1'], { options: ['save ""', 'port "1"'] }],
    [['--port', '1', '--save'], { options: ['port "1"', 'save ""'] }],
    [['--port 7000'], { options: ['port 7000'] }],
    [['--save 900 1', '--port', '1'], { options: ['save 900 1', 'port "1"'] }],
    [['--requirepass', '--secret--'], { options: ['requirepass "--secret--"'] }],
    [['--bind', '127.0.0.1', '::1'], { options: ['bind "127.0.0.1" "::1"'] }],
    [['--port'], { options: ['port'] }],
    [['-', '--port', '1'], { readsStdin: true, options: ['port "1"'] }],
    [['a.conf', '-'], { file: 'a.conf', readsStdin: true }],
    [['--port', '1', '-'], { readsStdin: true, options: ['port "1"'] }],
    [['--requirepass', '-'], { options: ['requirepass "-"'] }],
    [['--requirepass', 'ключ'], { options: ['requirepass "\\xd0\\xba\\xd0\\xbb\\xd1\\x8e\\xd1\\x87"'] }],
    [['--version'], { action: 'version' }],
    [['-h'], { action: 'help' }],
  ] as const) {
    test(`[${argv.join(', ')}]`, () => {
      expect(parseArguments(argv)).toEqual({
        action: 'run',
        file: undefined,
        readsStdin: false,
        options: [],
        ...expected,
      });
    });
  }
});

test('optionsOf: values of code become lines', () => {
  const lines = optionsOf({
    port: 0,
    'cluster-enabled': true,
    bind: ['127.0.0.1', '::1'],
    save: [
      [900, 1],
      [300, 10],
    ],
    requirepass: 'a "b"',
    logfile: undefined,
  });
  expect(lines).toEqual([
    'port "0"',
    'cluster-enabled "yes"',
    'bind "127.0.0.1" "::1"',
    'save "900" "1"',
    'save "300" "10"',
    'requirepass "a \\"b\\""',
  ]);
});
