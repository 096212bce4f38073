import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'vitest';
import { applyRedirection, parseRedirection } from './redirection.ts';
import { SlotMap } from './slot-map.ts';
import { ALL_SLOTS } from './slot-ranges.ts';

for (const [message, kind, slot, host, port] of [
  ['MOVED 3999 127.0.0.1:6381', 'moved', 3999, '127.0.0.1', 6381],
  ['-MOVED 3999 127.0.0.1:6381\r\n', 'moved', 3999, '127.0.0.1', 6381],
  ['ASK 0 node-3.example:7002', 'ask', 0, 'node-3.example', 7002],
  ['MOVED 16383 ::1:7000', 'moved', 16383, '::1', 7000],
  ['MOVED 12 :7000', 'moved', 12, 'asked.example', 7000],
] as const) {
  test(`parseRedirection: ${JSON.stringify(message)}`, () =>
    deepEqual(parseRedirection(message, 'asked.example'), { kind, slot, host, port }));
}

for (const message of [
  'ERR unknown command',
  'MOVED',
  'MOVED x 1.2.3.4:5',
  'MOVED 16384 1.2.3.4:5',
  'MOVED 1 1.2.3.4',
  'MOVED 1 1.2.3.4:0',
  'MOVED 1 1.2.3.4:65536',
  'MOVED 1 ?:7000',
  'TRYAGAIN Multiple keys request during rehashing of slot',
]) {
  test(`parseRedirection: '${message}' is none`, () => equal(parseRedirection(message, 'h'), undefined));
}

test('applyRedirection: MOVED changes one slot, ASK none', () => {
  const map = SlotMap.empty<string>().withOwner(ALL_SLOTS, 'a:1');
  const moved = applyRedirection(map, { kind: 'moved', slot: 5, host: 'b', port: 2 });
  equal(moved.ownerOf(5), 'b:2');
  equal(moved.ownerOf(6), 'a:1');
  equal(applyRedirection(map, { kind: 'ask', slot: 5, host: 'b', port: 2 }), map);
});
