import { expect, test } from 'vitest';
import { Party, type Received } from './support/party.ts';

type Turn = readonly [turn: string, received: Received];

const read = 'XREADGROUP GROUP g';
const noGroup = "-NOGROUP No such key 'k' or consumer group 'g' in XREADGROUP with GROUP option";
const wrongType = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const made: Turn = ['3: XGROUP CREATE k g 0 MKSTREAM', { 3: ['OK'] }];
const entry = (id: string): unknown[] => [['k', [[id, ['f', '1']]]]];

/** Who gets what, and when, is as with redis-server 7.0.15; what is told when a group is gone, as in 7.2. */
const stories: Readonly<Record<string, readonly Turn[]>> = {
  'each entry goes to one of those who wait, first come first served': [
    made,
    [`0: ${read} a BLOCK 0 STREAMS k >`, {}],
    [`1: ${read} b BLOCK 0 STREAMS k >`, {}],
    ['3: XADD k 1-1 f 1', { 3: ['1-1'], 0: [entry('1-1')] }],
    [`2: ${read} a BLOCK 0 STREAMS k >`, {}],
    ['3: XADD k 2-1 f 1', { 3: ['2-1'], 1: [entry('2-1')] }],
    ['3: XADD k 3-1 f 1', { 3: ['3-1'], 2: [entry('3-1')] }],
    [
      '3: XPENDING k g',
      {
        3: [
          [
            3,
            '1-1',
            '3-1',
            [
              ['a', '2'],
              ['b', '1'],
            ],
          ],
        ],
      },
    ],
  ],
  'consumers of two groups and a reader without one all get it': [
    made,
    ['3: XGROUP CREATE k h 0', { 3: ['OK'] }],
    [`0: ${read} a BLOCK 0 STREAMS k >`, {}],
    ['1: XREADGROUP GROUP h a BLOCK 0 STREAMS k >', {}],
    ['2: XREAD BLOCK 0 STREAMS k $', {}],
    ['3: XADD k 1-1 f 1', { 3: ['1-1'], 0: [entry('1-1')], 1: [entry('1-1')], 2: [entry('1-1')] }],
  ],
  'the first one takes all that came in a transaction, up to its COUNT': [
    made,
    [`0: ${read} a BLOCK 0 COUNT 2 STREAMS k >`, {}],
    [`1: ${read} b BLOCK 0 STREAMS k >`, {}],
    [
      '3: MULTI; XADD k 1-1 f 1; XADD k 2-1 f 1; XADD k 3-1 f 1; EXEC',
      {
        3: ['OK', 'QUEUED', 'QUEUED', 'QUEUED', ['1-1', '2-1', '3-1']],
        0: [
          [
            [
              'k',
              [
                ['1-1', ['f', '1']],
                ['2-1', ['f', '1']],
              ],
            ],
          ],
        ],
        1: [entry('3-1')],
      },
    ],
  ],
  'of several streams the one that comes is replied': [
    made,
    ['3: XGROUP CREATE m g 0 MKSTREAM', { 3: ['OK'] }],
    [`0: ${read} a BLOCK 0 STREAMS k m > >`, {}],
    ['3: XADD m 1-1 f 1', { 3: ['1-1'], 0: [[['m', [['1-1', ['f', '1']]]]]] }],
  ],
  'history is replied at once, and nothing waits in a transaction': [
    made,
    [`0: ${read} a BLOCK 0 STREAMS k 0`, { 0: [[['k', []]]] }],
    [`0: MULTI; ${read} a BLOCK 0 STREAMS k >; EXEC`, { 0: ['OK', 'QUEUED', [null]] }],
  ],
  'NOACK leaves nothing pending': [
    made,
    [`0: ${read} a NOACK BLOCK 0 STREAMS k >`, {}],
    ['3: XADD k 1-1 f 1', { 3: ['1-1'], 0: [entry('1-1')] }],
    ['3: XPENDING k g', { 3: [[0, null, null, null]] }],
  ],
  'a timeout': [
    made,
    [`0: ${read} a BLOCK 100 STREAMS k >`, {}],
    ['after 200', { 0: [null] }],
    ['3: XINFO CONSUMERS k g', { 3: [[]] }],
  ],
  'the key is deleted': [
    made,
    [`0: ${read} a BLOCK 0 STREAMS k >`, {}],
    [`1: ${read} b BLOCK 0 STREAMS k >`, {}],
    ['3: DEL k', { 3: [1], 0: [noGroup], 1: [noGroup] }],
  ],
  'the key becomes another type': [
    made,
    [`0: ${read} a BLOCK 0 STREAMS k >`, {}],
    ['3: SET k 1', { 3: ['OK'], 0: [wrongType] }],
  ],
  'the key is renamed, flushed, swapped, moved or expires': [
    made,
    [`0: ${read} a BLOCK 0 STREAMS k >`, {}],
    ['3: RENAME k z', { 3: ['OK'], 0: [noGroup] }],
    made,
    [`0: ${read} a BLOCK 0 STREAMS k >`, {}],
    ['3: FLUSHDB', { 3: ['OK'], 0: [noGroup] }],
    made,
    [`0: ${read} a BLOCK 0 STREAMS k >`, {}],
    ['3: SWAPDB 0 1', { 3: ['OK'], 0: [noGroup] }],
    made,
    [`0: ${read} a BLOCK 0 STREAMS k >`, {}],
    ['3: MOVE k 2', { 3: [1], 0: [noGroup] }],
    made,
    [`0: ${read} a BLOCK 0 STREAMS k >`, {}],
    ['3: PEXPIRE k 50', { 3: [1] }],
    ['after 300', { 0: [noGroup] }],
  ],
  'the group is destroyed, and others go on': [
    made,
    ['3: XGROUP CREATE k h 0', { 3: ['OK'] }],
    [`0: ${read} a BLOCK 0 STREAMS k >`, {}],
    ['1: XREADGROUP GROUP h a BLOCK 0 STREAMS k >', {}],
    ['3: XGROUP DESTROY k g', { 3: [1], 0: [noGroup] }],
    ['3: XADD k 1-1 f 1', { 3: ['1-1'], 1: [entry('1-1')] }],
  ],
  'deleted and made again in one transaction: it goes on': [
    made,
    [`0: ${read} a BLOCK 0 STREAMS k >`, {}],
    [
      '3: MULTI; DEL k; XADD k 9-1 f 1; XGROUP CREATE k g 0; EXEC',
      { 3: ['OK', 'QUEUED', 'QUEUED', 'QUEUED', [1, '9-1', 'OK']], 0: [entry('9-1')] },
    ],
  ],
  'another stream takes its place': [
    made,
    ['3: XADD z 3-3 f 1; XGROUP CREATE z g 0', { 3: ['3-3', 'OK'] }],
    [`0: ${read} a BLOCK 0 STREAMS k >`, {}],
    ['3: RENAME z k', { 3: ['OK'], 0: [entry('3-3')] }],
  ],
  'what adds no entry wakes nobody; XGROUP SETID shows with the next one': [
    made,
    ['3: XADD k 1-1 f 1; XGROUP SETID k g $', { 3: ['1-1', 'OK'] }],
    [`0: ${read} a BLOCK 0 STREAMS k >`, {}],
    ['3: XGROUP SETID k g 0; XDEL k 9-9; XTRIM k MAXLEN 5', { 3: ['OK', 0, 0] }],
    [
      '3: XADD k 2-1 f 1',
      {
        3: ['2-1'],
        0: [
          [
            [
              'k',
              [
                ['1-1', ['f', '1']],
                ['2-1', ['f', '1']],
              ],
            ],
          ],
        ],
      },
    ],
  ],
  'unblocked by CLIENT UNBLOCK, and by going away': [
    made,
    [`0: CLIENT ID; ${read} a BLOCK 0 STREAMS k >`, { 0: [1] }],
    ['3: CLIENT UNBLOCK 1 ERROR', { 3: [1], 0: ['-UNBLOCKED client unblocked via CLIENT UNBLOCK'] }],
  ],
};

for (const [name, turns] of Object.entries(stories)) {
  test(`XREADGROUP that waits: ${name}`, async () => {
    const party = await Party.start(4);
    for (const [turn, received] of turns) expect([turn, await party.take(turn)]).toEqual([turn, received]);
  });
}
