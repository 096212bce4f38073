import type { ReplyValue } from '@kvartz/resp';
import { noSuchGroup } from '../../src/errors.ts';
import { fails, type Story } from '../story.ts';

const wrongType = fails('WRONGTYPE Operation against a key holding the wrong kind of value');
const syntax = fails('ERR syntax error');
const invalidId = fails('ERR Invalid stream ID specified as stream command argument');
const notInteger = fails('ERR value is not an integer or out of range');

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

/** What becomes of entries that were delivered. The clock stands still here. */
export const streamClaimStories: readonly Story[] = [
  {
    name: 'XACK',
    steps: [
      ['XADD k 1-1 f 1', '1-1'],
      ['XADD k 2-1 f 2', '2-1'],
      ['XADD k 3-1 f 3', '3-1'],
      ['XGROUP CREATE k g 0', 'OK'],
      ['XACK k g 1-1', 0],
      [
        'XREADGROUP GROUP g a STREAMS k >',
        [
          [
            'k',
            [
              ['1-1', ['f', '1']],
              ['2-1', ['f', '2']],
              ['3-1', ['f', '3']],
            ],
          ],
        ],
      ],
      ['XACK k g 1-1 9-9 1-1 3-1', 2],
      ['XPENDING k g', [1, '2-1', '2-1', [['a', '1']]]],
      ['XACK k g 2', 0],
      ['XACK k g 2-1', 1],
      ['XPENDING k g', [0, null, null, null]],
      ['XACK none g 1-1', 0],
      ['XACK k h x', 0],
      ['XACK k g x', invalidId],
      ['XACK k g 1-1 x', invalidId],
      ['SET s 1', 'OK'],
      ['XACK s g 1-1', wrongType],
      ['XACK k g', fails("ERR wrong number of arguments for 'xack' command")],
    ],
  },
  {
    name: 'XPENDING',
    steps: [
      ['XADD k 1-1 f 1', '1-1'],
      ['XADD k 2-1 f 2', '2-1'],
      ['XADD k 3-1 f 3', '3-1'],
      ['XADD k 4-1 f 4', '4-1'],
      ['XGROUP CREATE k g 0', 'OK'],
      ['XPENDING k g', [0, null, null, null]],
      [
        'XREADGROUP GROUP g b COUNT 2 STREAMS k >',
        [
          [
            'k',
            [
              ['1-1', ['f', '1']],
              ['2-1', ['f', '2']],
            ],
          ],
        ],
      ],
      [
        'XREADGROUP GROUP g a COUNT 2 STREAMS k >',
        [
          [
            'k',
            [
              ['3-1', ['f', '3']],
              ['4-1', ['f', '4']],
            ],
          ],
        ],
      ],
      [
        'XPENDING k g',
        [
          4,
          '1-1',
          '4-1',
          [
            ['a', '2'],
            ['b', '2'],
          ],
        ],
      ],
      [
        'XPENDING k g - + 10',
        [
          ['1-1', 'b', 0, 1],
          ['2-1', 'b', 0, 1],
          ['3-1', 'a', 0, 1],
          ['4-1', 'a', 0, 1],
        ],
      ],
      [
        'XPENDING k g - + 10 a',
        [
          ['3-1', 'a', 0, 1],
          ['4-1', 'a', 0, 1],
        ],
      ],
      ['XPENDING k g - + 10 none', []],
      [
        'XPENDING k g 2-1 (4-1 10',
        [
          ['2-1', 'b', 0, 1],
          ['3-1', 'a', 0, 1],
        ],
      ],
      ['XPENDING k g (2-1 4 1', [['3-1', 'a', 0, 1]]],
      [
        'XPENDING k g (1 3 9 b',
        [
          ['1-1', 'b', 0, 1],
          ['2-1', 'b', 0, 1],
        ],
      ],
      ['XPENDING k g - + 0', []],
      ['XPENDING k g - + -5', []],
      [
        'XPENDING k g IDLE 0 - + 10',
        [
          ['1-1', 'b', 0, 1],
          ['2-1', 'b', 0, 1],
          ['3-1', 'a', 0, 1],
          ['4-1', 'a', 0, 1],
        ],
      ],
      ['XPENDING k g IDLE 1000000 - + 10', []],
      [
        'XPENDING k g IDLE 0 - + 10 b',
        [
          ['1-1', 'b', 0, 1],
          ['2-1', 'b', 0, 1],
        ],
      ],
      ['XCLAIM k g a 0 1-1 IDLE 5000 RETRYCOUNT 7 JUSTID', ['1-1']],
      ['XPENDING k g IDLE 5000 - + 10', [['1-1', 'a', 5000, 7]]],
      [
        'XPENDING k g - + 10 a extra',
        [
          ['1-1', 'a', 5000, 7],
          ['3-1', 'a', 0, 1],
          ['4-1', 'a', 0, 1],
        ],
      ],
      ['XPENDING k g + - 10', []],
    ],
  },
  {
    name: 'XPENDING refuses',
    steps: [
      ['SET s 1', 'OK'],
      ['XADD k 1-1 f 1', '1-1'],
      ['XGROUP CREATE k g 0', 'OK'],
      ['XPENDING s g', wrongType],
      ['XPENDING none g', fails(noSuchGroup('none', 'g'))],
      ['XPENDING k h', fails(noSuchGroup('k', 'h'))],
      ['XPENDING none g - + 1', fails(noSuchGroup('none', 'g'))],
      ['XPENDING k g -', syntax],
      ['XPENDING k g - +', syntax],
      ['XPENDING k g - + x', notInteger],
      ['XPENDING k g x + 1', invalidId],
      ['XPENDING k g - x 1', invalidId],
      ['XPENDING k g (x + 1', invalidId],
      ['XPENDING k g (18446744073709551615-18446744073709551615 + 1', fails('ERR invalid start ID for the interval')],
      ['XPENDING k g - (0-0 1', fails('ERR invalid end ID for the interval')],
      ['XPENDING k g ( + 1', invalidId],
      ['XPENDING k g IDLE x - + 1', notInteger],
      ['XPENDING k g IDLE 1 - +', syntax],
      ['XPENDING k g IDLE 1 - + x', notInteger],
      ['XPENDING k g - + 1 c d e f', syntax],
      ['XPENDING k', fails("ERR wrong number of arguments for 'xpending' command")],
    ],
  },
  {
    name: 'XCLAIM',
    steps: [
      ['XADD k 1-1 f 1', '1-1'],
      ['XADD k 2-1 f 2', '2-1'],
      ['XADD k 3-1 f 3', '3-1'],
      ['XGROUP CREATE k g 0', 'OK'],
      [
        'XREADGROUP GROUP g a COUNT 2 STREAMS k >',
        [
          [
            'k',
            [
              ['1-1', ['f', '1']],
              ['2-1', ['f', '2']],
            ],
          ],
        ],
      ],
      ['XCLAIM k g b 0 1-1', [['1-1', ['f', '1']]]],
      ['XCLAIM k g b 3600000 2-1', []],
      ['XCLAIM k g b -1 9-9 2-1 3-1', [['2-1', ['f', '2']]]],
      [
        'XPENDING k g - + 10',
        [
          ['1-1', 'b', 0, 2],
          ['2-1', 'b', 0, 2],
        ],
      ],
      ['XCLAIM k g c 0 3-1 FORCE', [['3-1', ['f', '3']]]],
      ['XCLAIM k g c 0 1-1 2-1 JUSTID', ['1-1', '2-1']],
      ['XCLAIM k g c 0 9-9 FORCE', []],
      [
        'XPENDING k g - + 10',
        [
          ['1-1', 'c', 0, 2],
          ['2-1', 'c', 0, 2],
          ['3-1', 'c', 0, 2],
        ],
      ],
      ['XCLAIM k g a 0 1-1 RETRYCOUNT 12', [['1-1', ['f', '1']]]],
      ['XCLAIM k g a 0 1-1 IDLE 1000 JUSTID', ['1-1']],
      ['XCLAIM k g a 0 2-1 TIME 1 JUSTID RETRYCOUNT 0', ['2-1']],
      ['XCLAIM k g a 0 3-1 TIME 99999999999999 JUSTID', ['3-1']],
      ['XCLAIM k g a 0 3-1 IDLE -5 JUSTID RETRYCOUNT -3', ['3-1']],
      [
        'XPENDING k g - + 10 a',
        [
          ['1-1', 'a', 1000, 12],
          ['2-1', 'a', 1699999999999, 0],
          ['3-1', 'a', 0, 2],
        ],
      ],
      ['XCLAIM k g a 0 9-9 LASTID 7-7', []],
      ['XINFO GROUPS k', [group('g', 3, 3, '7-7', 2, 1)]],
      ['XCLAIM k g a 0 1-1 LASTID 1-0 JUSTID', ['1-1']],
      ['XDEL k 1-1', 1],
      ['XCLAIM k g b 0 1-1', []],
      ['XPENDING k g', [2, '2-1', '3-1', [['a', '2']]]],
      ['XCLAIM k g b 0 2-1 FORCE JUSTID RETRYCOUNT 1 IDLE 0 TIME 0 LASTID 9', ['2-1']],
    ],
  },
  {
    name: 'XCLAIM refuses',
    steps: [
      ['SET s 1', 'OK'],
      ['XADD k 1-1 f 1', '1-1'],
      ['XGROUP CREATE k g 0', 'OK'],
      ['XCLAIM s g c 0 1-1', wrongType],
      ['XCLAIM none g c 0 1-1', fails(noSuchGroup('none', 'g'))],
      ['XCLAIM k h c 0 1-1', fails(noSuchGroup('k', 'h'))],
      ['XCLAIM k g c x 1-1', fails('ERR Invalid min-idle-time argument for XCLAIM')],
      ['XCLAIM k g c 0 x', fails("ERR Unrecognized XCLAIM option 'x'")],
      ['XCLAIM k g c 0 1-1 FOO', fails("ERR Unrecognized XCLAIM option 'FOO'")],
      ['XCLAIM k g c 0 1-1 IDLE', fails("ERR Unrecognized XCLAIM option 'IDLE'")],
      ['XCLAIM k g c 0 1-1 IDLE x', fails('ERR Invalid IDLE option argument for XCLAIM')],
      ['XCLAIM k g c 0 1-1 TIME x', fails('ERR Invalid TIME option argument for XCLAIM')],
      ['XCLAIM k g c 0 1-1 RETRYCOUNT x', fails('ERR Invalid RETRYCOUNT option argument for XCLAIM')],
      ['XCLAIM k g c 0 1-1 LASTID x', invalidId],
      ['XCLAIM k g c 0 1-1 FORCE 1-2', fails("ERR Unrecognized XCLAIM option '1-2'")],
      ['XCLAIM k g c 0', fails("ERR wrong number of arguments for 'xclaim' command")],
      ['XINFO CONSUMERS k g', []],
    ],
  },
  {
    name: 'XAUTOCLAIM',
    steps: [
      ['XADD k 1-1 f 1', '1-1'],
      ['XADD k 2-1 f 2', '2-1'],
      ['XADD k 3-1 f 3', '3-1'],
      ['XADD k 4-1 f 4', '4-1'],
      ['XGROUP CREATE k g 0', 'OK'],
      [
        'XREADGROUP GROUP g a STREAMS k >',
        [
          [
            'k',
            [
              ['1-1', ['f', '1']],
              ['2-1', ['f', '2']],
              ['3-1', ['f', '3']],
              ['4-1', ['f', '4']],
            ],
          ],
        ],
      ],
      [
        'XAUTOCLAIM k g b 0 0 COUNT 2',
        [
          '3-1',
          [
            ['1-1', ['f', '1']],
            ['2-1', ['f', '2']],
          ],
          [],
        ],
      ],
      [
        'XAUTOCLAIM k g b 0 3-1 COUNT 2',
        [
          '0-0',
          [
            ['3-1', ['f', '3']],
            ['4-1', ['f', '4']],
          ],
          [],
        ],
      ],
      ['XAUTOCLAIM k g c 0 (1-1 COUNT 1 JUSTID', ['3-1', ['2-1'], []]],
      ['XAUTOCLAIM k g c 3600000 0', ['0-0', [], []]],
      ['XDEL k 2-1 3-1', 2],
      ['XAUTOCLAIM k g d 0 - COUNT 2', ['3-1', [['1-1', ['f', '1']]], ['2-1']]],
      [
        'XPENDING k g - + 10',
        [
          ['1-1', 'd', 0, 3],
          ['3-1', 'b', 0, 2],
          ['4-1', 'b', 0, 2],
        ],
      ],
      ['XAUTOCLAIM k g d 0 + JUSTID', ['0-0', [], []]],
      ['XDEL k 1-1', 1],
      ['XAUTOCLAIM k g d 0 0 COUNT 1 JUSTID', ['3-1', [], ['1-1']]],
      ['XAUTOCLAIM k g d 0 0', ['0-0', [['4-1', ['f', '4']]], ['3-1']]],
      ['XINFO GROUPS k', [group('g', 4, 1, '4-1', 4, 0)]],
    ],
  },
  {
    name: 'XAUTOCLAIM refuses',
    steps: [
      ['SET s 1', 'OK'],
      ['XADD k 1-1 f 1', '1-1'],
      ['XGROUP CREATE k g 0', 'OK'],
      ['XAUTOCLAIM s g c 0 0', wrongType],
      ['XAUTOCLAIM none g c 0 0', fails(noSuchGroup('none', 'g'))],
      ['XAUTOCLAIM k h c 0 0', fails(noSuchGroup('k', 'h'))],
      ['XAUTOCLAIM k g c x 0', fails('ERR Invalid min-idle-time argument for XAUTOCLAIM')],
      ['XAUTOCLAIM k g c 0 x', invalidId],
      ['XAUTOCLAIM k g c 0 (x', invalidId],
      ['XAUTOCLAIM k g c 0 (18446744073709551615-18446744073709551615', fails('ERR invalid start ID for the interval')],
      ['XAUTOCLAIM k g c 0 0 COUNT 0', fails('ERR COUNT must be > 0')],
      ['XAUTOCLAIM k g c 0 0 COUNT x', fails('ERR COUNT must be > 0')],
      ['XAUTOCLAIM k g c 0 0 COUNT', syntax],
      ['XAUTOCLAIM k g c 0 0 COUNT 576460752303423488', fails('ERR COUNT must be > 0')],
      ['XAUTOCLAIM k g c 0 0 FOO', syntax],
      ['XAUTOCLAIM k g c 0', fails("ERR wrong number of arguments for 'xautoclaim' command")],
    ],
  },
];
