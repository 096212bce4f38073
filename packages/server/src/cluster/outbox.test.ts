import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'vitest';
import { Outbox } from './outbox.ts';

function outbox() {
  const disk = { savedTicket: 0, lastError: undefined as Error | undefined };
  const done: string[] = [];
  const box = new Outbox(disk);
  const add = (name: string, kind: 'message' | 'answer' | 'local' = 'message'): void =>
    box.add((error) => done.push(error === undefined ? name : `${name}: ${error.message}`), kind);
  return { disk, done, box, add };
}

test('without a barrier everything is done at once', () => {
  const { done, add } = outbox();
  add('a');
  deepEqual(done, ['a']);
});

test('what comes after a barrier waits for its ticket, in order', () => {
  const { disk, done, box, add } = outbox();
  box.barrier(1);
  add('a');
  add('b', 'local');
  box.barrier(2);
  add('c', 'answer');
  disk.savedTicket = 1;
  box.release();
  deepEqual([done, box.isOpen], [['a', 'b'], false]);
  disk.savedTicket = 2;
  box.release();
  add('d');
  deepEqual(done, ['a', 'b', 'c', 'd']);
});

test('when the disk fails, answers say so and the rest goes on waiting', () => {
  const { disk, done, box, add } = outbox();
  box.barrier(1);
  add('a');
  add('b', 'answer');
  disk.lastError = new Error('ENOSPC');
  box.release();
  deepEqual(done, ['b: ENOSPC']);
  disk.lastError = undefined;
  disk.savedTicket = 1;
  box.release();
  deepEqual(done, ['b: ENOSPC', 'a']);
});

test('a disk that stands still costs messages, not memory, and no answers', () => {
  const { disk, done, box, add } = outbox();
  box.barrier(1);
  add('answer', 'answer');
  for (let i = 0; i < 20_000; i++) add(`${i}`);
  disk.savedTicket = 1;
  box.release();
  equal(done[0], 'answer');
  equal(done.at(-1), '19999');
  equal(done.length <= 5_001, true);
});
