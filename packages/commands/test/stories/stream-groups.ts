import type { ReplyValue } from '@kvartz/resp';
import {
  DOLLAR_IN_XREADGROUP,
  noSuchGroupForKey,
  noSuchGroupToRead,
  wrongSubcommandArity,
  XGROUP_NO_KEY,
} from '../../src/errors.ts';
import { fails, type Story } from '../story.ts';

const wrongType = fails('WRONGTYPE Operation against a key holding the wrong kind of value');
const syntax = fails('ERR syntax error');
const invalidId = fails('ERR Invalid stream ID specified as stream command argument');
const notInteger = fails('ERR value is not an integer or out of range');
const noKey = fails(XGROUP_NO_KEY);

/** What XINFO GROUPS says of a group. */
function group(
  name: string,
  consumers: number,
  pending: number,
  lastId: string,
  entriesRead: number | bigint | null,
  lag: number | bigint | null,
): ReplyValue[] {
  const counts = ['name', name, 'consumers', consumers, 'pending', pending];
  return [...counts, 'last-delivered-id', lastId, 'entries-read', entriesRead, 'lag', lag];
}

function consumer(name: string, pending: number, inactiveMs: number): ReplyValue[] {
  return ['name', name, 'pending', pending, 'idle', 0, 'inactive', inactiveMs];
}

const nowMs = 1_700_000_000_000;
const entries = [
  ['1-1', ['f', '1']],
  ['2-1', ['f', '2']],
  ['3-1', ['f', '3']],
];

function fullConsumer(name: string, ids: readonly string[], count: number): ReplyValue[] {
  const head = ['name', name, 'seen-time', nowMs, 'active-time', nowMs, 'pel-count', ids.length];
  return [...head, 'pending', ids.slice(0, count).map((id) => [id, nowMs, 1])];
}

/** The stream of the story below, with at most `count` of each list. */
function full(count: number): ReplyValue[] {
  const head = ['length', 3, 'radix-tree-keys', 1, 'radix-tree-nodes', 2, 'last-generated-id', '3-1'];
  const more = ['max-deleted-entry-id', '0-0', 'entries-added', 3, 'recorded-first-entry-id', '1-1'];
  const pending = ['1-1', '2-1', '3-1'].map((id, i) => [id, 'bba'[i], nowMs, 1]);
  const none = ['last-delivered-id', '0-0', 'entries-read', null, 'lag', 3, 'pel-count', 0];
  const all = ['last-delivered-id', '3-1', 'entries-read', 3, 'lag', 0, 'pel-count', 3];
  const consumers = [fullConsumer('a', ['3-1'], count), fullConsumer('b', ['1-1', '2-1'], count)];
  const groups = [
    ['name', 'e', ...none, 'pending', [], 'consumers', []],
    ['name', 'g', ...all, 'pending', pending.slice(0, count), 'consumers', consumers],
  ];
  return [...head, ...more, 'entries', entries.slice(0, count), 'groups', groups];
}

/** Here nobody can wait; packages/server/test/blocking-groups.test.ts has those who do. */
export const streamGroupStories: readonly Story[] = [
  {
    name: 'XGROUP makes, sets and destroys groups',
    steps: [
      ['XGROUP CREATE k g $', noKey],
      ['XGROUP CREATE k g $ MKSTREAM', 'OK'],
      ['XGROUP CREATE k g 0', fails('BUSYGROUP Consumer Group name already exists')],
      ['XADD k 1-1 f 1', '1-1'],
      ['XADD k 2-1 f 2', '2-1'],
      ['XGROUP CREATE k h $ ENTRIESREAD 2', 'OK'],
      ['XGROUP CREATE k i 1 ENTRIESREAD 1', 'OK'],
      ['XGROUP CREATE k "" 5-5 MKSTREAM ENTRIESREAD -1', 'OK'],
      [
        'XINFO GROUPS k',
        [
          group('', 0, 0, '5-5', null, null),
          group('g', 0, 0, '0-0', null, 2),
          group('h', 0, 0, '2-1', 2, 0),
          group('i', 0, 0, '1-0', 1, 1),
        ],
      ],
      ['XGROUP SETID k g 1-1', 'OK'],
      ['XGROUP SETID k h - ENTRIESREAD 0', 'OK'],
      ['XGROUP SETID k i $', 'OK'],
      [
        'XINFO GROUPS k',
        [
          group('', 0, 0, '5-5', null, null),
          group('g', 0, 0, '1-1', null, 1),
          group('h', 0, 0, '0-0', 0, 2),
          group('i', 0, 0, '2-1', null, 0),
        ],
      ],
      ['XGROUP SETID k h +', 'OK'],
      ['XGROUP DESTROY k h', 1],
      ['XGROUP DESTROY k h', 0],
      ['XGROUP CREATECONSUMER k g c', 1],
      ['XGROUP CREATECONSUMER k g c', 0],
      ['XGROUP CREATECONSUMER k g b', 1],
      ['XINFO CONSUMERS k g', [consumer('b', 0, -1), consumer('c', 0, -1)]],
      ['XGROUP DELCONSUMER k g c', 0],
      ['XGROUP DELCONSUMER k g c', 0],
      ['XINFO CONSUMERS k g', [consumer('b', 0, -1)]],
    ],
  },
  {
    name: 'XGROUP refuses',
    steps: [
      ['SET s 1', 'OK'],
      ['XGROUP CREATE k g $', noKey],
      ['XGROUP CREATE s g $', wrongType],
      ['XGROUP CREATE k g x MKSTREAM', invalidId],
      ['XGROUP CREATE k g - MKSTREAM', invalidId],
      ['XGROUP CREATE k g 0 MKSTREAM ENTRIESREAD', fails(wrongSubcommandArity('XGROUP', 'CREATE'))],
      ['XGROUP CREATE k g 0 MKSTREAM ENTRIESREAD x', notInteger],
      ['XGROUP CREATE k g 0 MKSTREAM ENTRIESREAD -2', fails('ERR value for ENTRIESREAD must be positive or -1')],
      ['XGROUP CREATE k g 0 NOSTREAM', fails(wrongSubcommandArity('XGROUP', 'CREATE'))],
      ['XGROUP CREATE k g 0 MKSTREAM MKSTREAM MKSTREAM MKSTREAM', fails(wrongSubcommandArity('XGROUP', 'CREATE'))],
      ['XADD k 1-1 f 1', '1-1'],
      ['XGROUP CREATE k g 0 MKSTREAM MKSTREAM MKSTREAM MKSTREAM', fails(wrongSubcommandArity('XGROUP', 'CREATE'))],
      ['XGROUP SETID k g 0', fails(noSuchGroupForKey('g', 'k'))],
      ['XGROUP SETID none g 0', noKey],
      ['XGROUP SETID s g 0', wrongType],
      ['XGROUP CREATE k g 0', 'OK'],
      ['XGROUP SETID k g x', invalidId],
      ['XGROUP SETID k g 0 MKSTREAM', fails(wrongSubcommandArity('XGROUP', 'SETID'))],
      ['XGROUP SETID k g 0 ENTRIESREAD 1 ENTRIESREAD 2', fails(wrongSubcommandArity('XGROUP', 'SETID'))],
      ['XGROUP SETID k g 0 ENTRIESREAD', fails(wrongSubcommandArity('XGROUP', 'SETID'))],
      ['XGROUP DESTROY none g', noKey],
      ['XGROUP DESTROY s g', wrongType],
      ['XGROUP CREATECONSUMER none g c', noKey],
      ['XGROUP CREATECONSUMER k h c', fails(noSuchGroupForKey('h', 'k'))],
      ['XGROUP CREATECONSUMER s g c', wrongType],
      ['XGROUP DELCONSUMER none g c', noKey],
      ['XGROUP DELCONSUMER k h c', fails(noSuchGroupForKey('h', 'k'))],
      ['XGROUP DELCONSUMER s g c', wrongType],
      ['XGROUP CREATE k g', fails("ERR wrong number of arguments for 'xgroup|create' command")],
      ['XGROUP DESTROY k', fails("ERR wrong number of arguments for 'xgroup|destroy' command")],
    ],
  },
  {
    name: 'XREADGROUP gives each entry to one consumer',
    steps: [
      ['XADD k 1-1 f 1', '1-1'],
      ['XADD k 2-1 f 2 g 3', '2-1'],
      ['XADD k 3-1 f 3', '3-1'],
      ['XGROUP CREATE k g 0', 'OK'],
      ['XREADGROUP GROUP g a COUNT 1 STREAMS k >', [['k', [['1-1', ['f', '1']]]]]],
      [
        'XREADGROUP GROUP g b STREAMS k >',
        [
          [
            'k',
            [
              ['2-1', ['f', '2', 'g', '3']],
              ['3-1', ['f', '3']],
            ],
          ],
        ],
      ],
      ['XREADGROUP GROUP g a STREAMS k >', null],
      ['XREADGROUP GROUP g c STREAMS k >', null],
      ['XINFO GROUPS k', [group('g', 2, 3, '3-1', 3, 0)]],
      ['XREADGROUP GROUP g a STREAMS k 0', [['k', [['1-1', ['f', '1']]]]]],
      ['XREADGROUP GROUP g b COUNT 1 STREAMS k 0', [['k', [['2-1', ['f', '2', 'g', '3']]]]]],
      ['XREADGROUP GROUP g b STREAMS k 2-1', [['k', [['3-1', ['f', '3']]]]]],
      ['XREADGROUP GROUP g b STREAMS k 3-1', [['k', []]]],
      ['XREADGROUP GROUP g new STREAMS k 0', [['k', []]]],
      ['XDEL k 2-1', 1],
      [
        'XREADGROUP GROUP g b STREAMS k 0',
        [
          [
            'k',
            [
              ['2-1', null],
              ['3-1', ['f', '3']],
            ],
          ],
        ],
      ],
      [
        'XPENDING k g',
        [
          3,
          '1-1',
          '3-1',
          [
            ['a', '1'],
            ['b', '2'],
          ],
        ],
      ],
      [
        'XPENDING k g - + 10',
        [
          ['1-1', 'a', 0, 2],
          ['2-1', 'b', 0, 2],
          ['3-1', 'b', 0, 3],
        ],
      ],
      ['XGROUP SETID k g 0', 'OK'],
      [
        'XREADGROUP GROUP g c NOACK STREAMS k >',
        [
          [
            'k',
            [
              ['1-1', ['f', '1']],
              ['3-1', ['f', '3']],
            ],
          ],
        ],
      ],
      ['XREADGROUP GROUP g c STREAMS k 0', [['k', []]]],
      ['XINFO GROUPS k', [group('g', 4, 3, '3-1', 3, 0)]],
      ['XGROUP SETID k g 0', 'OK'],
      [
        'XREADGROUP GROUP g c STREAMS k >',
        [
          [
            'k',
            [
              ['1-1', ['f', '1']],
              ['3-1', ['f', '3']],
            ],
          ],
        ],
      ],
      [
        'XPENDING k g - + 10',
        [
          ['1-1', 'c', 0, 1],
          ['2-1', 'b', 0, 2],
          ['3-1', 'c', 0, 1],
        ],
      ],
      ['XREADGROUP GROUP g b STREAMS k 0', [['k', [['2-1', null]]]]],
      ['XREADGROUP GROUP g c STREAMS k 18446744073709551615-18446744073709551615', null],
    ],
  },
  {
    name: 'XREADGROUP of several streams',
    steps: [
      ['XADD k 1-1 f 1', '1-1'],
      ['XADD m 5-0 f 5', '5-0'],
      ['XGROUP CREATE k g 0', 'OK'],
      ['XGROUP CREATE m g 0', 'OK'],
      ['XGROUP CREATE n g 0 MKSTREAM', 'OK'],
      [
        'XREADGROUP GROUP g a COUNT 5 STREAMS k m n > > >',
        [
          ['k', [['1-1', ['f', '1']]]],
          ['m', [['5-0', ['f', '5']]]],
        ],
      ],
      ['XREADGROUP GROUP g a STREAMS k m n > > >', null],
      [
        'XREADGROUP GROUP g a STREAMS k m n 0 > 0',
        [
          ['k', [['1-1', ['f', '1']]]],
          ['n', []],
        ],
      ],
      ['XREADGROUP GROUP g a BLOCK 5 STREAMS k m n > > >', null],
      ['XREADGROUP GROUP g a COUNT -1 NOACK BLOCK 10 STREAMS n m > 0', [['m', [['5-0', ['f', '5']]]]]],
    ],
  },
  {
    name: 'XREADGROUP refuses',
    steps: [
      ['SET s 1', 'OK'],
      ['XADD k 1-1 f 1', '1-1'],
      ['XGROUP CREATE k g 0', 'OK'],
      ['XREADGROUP GROUP g a STREAMS s >', wrongType],
      ['XREADGROUP GROUP g a STREAMS none >', fails(noSuchGroupToRead('none', 'g'))],
      ['XREADGROUP GROUP h a STREAMS k >', fails(noSuchGroupToRead('k', 'h'))],
      ['XREADGROUP GROUP g a STREAMS k $', fails(DOLLAR_IN_XREADGROUP)],
      ['XREADGROUP GROUP g a STREAMS k x', invalidId],
      ['XREADGROUP GROUP g a STREAMS k -', invalidId],
      [
        'XREADGROUP GROUP g a STREAMS k k >',
        fails("ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified."),
      ],
      ['XREADGROUP GROUP g a COUNT x STREAMS k >', notInteger],
      ['XREADGROUP GROUP g a BLOCK x STREAMS k >', fails('ERR timeout is not an integer or out of range')],
      ['XREADGROUP GROUP g a BLOCK -1 STREAMS k >', fails('ERR timeout is negative')],
      [
        'XREADGROUP GROUP g a BLOCK 9223372036854775808 STREAMS k >',
        fails('ERR timeout is not an integer or out of range'),
      ],
      ['XREADGROUP GROUP g a FOO STREAMS k >', syntax],
      ['XREADGROUP NOACK COUNT 1 STREAMS k >', fails('ERR Missing GROUP option for XREADGROUP')],
      ['XREADGROUP NOACK COUNT 1 BLOCK 1 GROUP g', syntax],
      ['XREADGROUP GROUP g a STREAMS k', fails("ERR wrong number of arguments for 'xreadgroup' command")],
      ['XREADGROUP GROUP g a COUNT 1 NOACK STREAMS', syntax],
      ['XINFO CONSUMERS k g', []],
    ],
  },
  {
    name: 'lag and entries read',
    steps: [
      ['XADD k 1-1 f 1', '1-1'],
      ['XADD k 2-1 f 1', '2-1'],
      ['XADD k 3-1 f 1', '3-1'],
      ['XADD k 4-1 f 1', '4-1'],
      ['XADD k 5-1 f 1', '5-1'],
      ['XGROUP CREATE k g 0', 'OK'],
      ['XGROUP CREATE k h 3-1', 'OK'],
      ['XGROUP CREATE k i $', 'OK'],
      ['XGROUP CREATE k j 9-9', 'OK'],
      ['XGROUP CREATE k k 1-1', 'OK'],
      [
        'XINFO GROUPS k',
        [
          group('g', 0, 0, '0-0', null, 5),
          group('h', 0, 0, '3-1', null, null),
          group('i', 0, 0, '5-1', null, 0),
          group('j', 0, 0, '9-9', null, null),
          group('k', 0, 0, '1-1', null, 4),
        ],
      ],
      ['XREADGROUP GROUP g c COUNT 1 STREAMS k >', [['k', [['1-1', ['f', '1']]]]]],
      ['XREADGROUP GROUP h c COUNT 1 STREAMS k >', [['k', [['4-1', ['f', '1']]]]]],
      [
        'XINFO GROUPS k',
        [
          group('g', 1, 1, '1-1', 1, 4),
          group('h', 1, 1, '4-1', null, null),
          group('i', 0, 0, '5-1', null, 0),
          group('j', 0, 0, '9-9', null, null),
          group('k', 0, 0, '1-1', null, 4),
        ],
      ],
      ['XDEL k 4-1', 1],
      [
        'XINFO GROUPS k',
        [
          group('g', 1, 1, '1-1', 1, null),
          group('h', 1, 1, '4-1', null, null),
          group('i', 0, 0, '5-1', null, 0),
          group('j', 0, 0, '9-9', null, null),
          group('k', 0, 0, '1-1', null, null),
        ],
      ],
      ['XREADGROUP GROUP g c COUNT 1 STREAMS k >', [['k', [['2-1', ['f', '1']]]]]],
      ['XREADGROUP GROUP h c STREAMS k >', [['k', [['5-1', ['f', '1']]]]]],
      [
        'XINFO GROUPS k',
        [
          group('g', 1, 2, '2-1', null, null),
          group('h', 1, 2, '5-1', 5, 0),
          group('i', 0, 0, '5-1', null, 0),
          group('j', 0, 0, '9-9', null, null),
          group('k', 0, 0, '1-1', null, null),
        ],
      ],
      [
        'XREADGROUP GROUP g c STREAMS k >',
        [
          [
            'k',
            [
              ['3-1', ['f', '1']],
              ['5-1', ['f', '1']],
            ],
          ],
        ],
      ],
      ['XADD k 6-1 f 1', '6-1'],
      [
        'XINFO GROUPS k',
        [
          group('g', 1, 4, '5-1', 5, 1),
          group('h', 1, 2, '5-1', 5, 1),
          group('i', 0, 0, '5-1', null, null),
          group('j', 0, 0, '9-9', null, null),
          group('k', 0, 0, '1-1', null, null),
        ],
      ],
      ['XTRIM k MAXLEN 1', 4],
      [
        'XINFO GROUPS k',
        [
          group('g', 1, 4, '5-1', 5, 1),
          group('h', 1, 2, '5-1', 5, 1),
          group('i', 0, 0, '5-1', null, 1),
          group('j', 0, 0, '9-9', null, null),
          group('k', 0, 0, '1-1', null, 1),
        ],
      ],
      ['XREADGROUP GROUP g c STREAMS k >', [['k', [['6-1', ['f', '1']]]]]],
      ['XDEL k 6-1', 1],
      [
        'XINFO GROUPS k',
        [
          group('g', 1, 5, '6-1', 6, 0),
          group('h', 1, 2, '5-1', 5, 1),
          group('i', 0, 0, '5-1', null, 0),
          group('j', 0, 0, '9-9', null, null),
          group('k', 0, 0, '1-1', null, 0),
        ],
      ],
      ['XGROUP SETID k g 0 ENTRIESREAD 9223372036854775807', 'OK'],
      [
        'XINFO GROUPS k',
        [
          group('g', 1, 5, '0-0', 9223372036854775807n, -9223372036854775801n),
          group('h', 1, 2, '5-1', 5, 1),
          group('i', 0, 0, '5-1', null, 0),
          group('j', 0, 0, '9-9', null, null),
          group('k', 0, 0, '1-1', null, 0),
        ],
      ],
    ],
  },
  {
    name: 'XINFO STREAM FULL',
    steps: [
      ['XADD k 1-1 f 1', '1-1'],
      ['XADD k 2-1 f 2', '2-1'],
      ['XADD k 3-1 f 3', '3-1'],
      ['XGROUP CREATE k g 0', 'OK'],
      ['XGROUP CREATE k e 0', 'OK'],
      ['XREADGROUP GROUP g b COUNT 2 STREAMS k >', [['k', entries.slice(0, 2)]]],
      ['XREADGROUP GROUP g a STREAMS k >', [['k', entries.slice(2)]]],
      ['XINFO STREAM k FULL', full(10)],
      ['XINFO STREAM k FULL COUNT 1', full(1)],
      ['XINFO STREAM k FULL COUNT 0', full(3)],
      ['XINFO STREAM k FULL COUNT -1', full(3)],
      ['XINFO STREAM k FULL COUNT x', fails('ERR value is not an integer or out of range')],
      ['XINFO STREAM k FULL 1', fails(wrongSubcommandArity('XINFO', 'STREAM'))],
    ],
  },
  {
    name: 'XINFO refuses',
    steps: [
      ['SET s 1', 'OK'],
      ['XADD k 1-1 f 1', '1-1'],
      ['XINFO GROUPS none', fails('ERR no such key')],
      ['XINFO GROUPS s', wrongType],
      ['XINFO GROUPS k', []],
      ['XINFO CONSUMERS none g', fails('ERR no such key')],
      ['XINFO CONSUMERS s g', wrongType],
      ['XINFO CONSUMERS k g', fails(noSuchGroupForKey('g', 'k'))],
    ],
  },
  {
    name: 'COPY and RENAME take groups along',
    steps: [
      ['XADD k 1-1 f 1', '1-1'],
      ['XADD k 2-1 f 1', '2-1'],
      ['XGROUP CREATE k g 0', 'OK'],
      ['XREADGROUP GROUP g c COUNT 1 STREAMS k >', [['k', [['1-1', ['f', '1']]]]]],
      ['COPY k m', 1],
      ['XACK m g 1-1', 1],
      ['XPENDING k g', [1, '1-1', '1-1', [['c', '1']]]],
      ['XPENDING m g', [0, null, null, null]],
      ['XREADGROUP GROUP g c STREAMS m >', [['m', [['2-1', ['f', '1']]]]]],
      ['RENAME k n', 'OK'],
      ['XREADGROUP GROUP g c STREAMS n >', [['n', [['2-1', ['f', '1']]]]]],
      ['XINFO GROUPS n', [group('g', 1, 2, '2-1', 2, 0)]],
      ['XINFO GROUPS m', [group('g', 1, 1, '2-1', 2, 0)]],
    ],
  },
];
