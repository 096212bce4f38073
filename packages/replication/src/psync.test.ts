import { expect, test } from 'vitest';
import { Backlog } from './backlog.ts';
import { answerPsync } from './psync.ts';
import { ReplicationIds } from './replication-ids.ts';

const a = 'a'.repeat(40);
const b = 'b'.repeat(40);
const c = 'c'.repeat(40);

/** History b from offset 500 on, a before; the backlog holds [300, 700]. */
function promoted(): { ids: ReplicationIds; backlog: Backlog } {
  const ids = new ReplicationIds(a);
  ids.promote(b, 500);
  const backlog = new Backlog(1_000_000, 300);
  backlog.append(new Uint8Array(400), 0, 400);
  return { ids, backlog };
}

test.each([
  ['the first byte that is there', b, 301, 300],
  ['the next one to come', b, 701, 700],
  ['the old history up to the promotion', a, 501, 500],
])('continues: %s', (_, id, wanted, offset) => {
  const { ids, backlog } = promoted();
  expect(answerPsync(ids, backlog, id, wanted)).toEqual({ kind: 'continue', offset });
});

test.each([
  ['nothing asked', '?', -1, undefined],
  ['a byte too early', b, 300, 'lack of backlog'],
  ['a byte that nobody has written', b, 702, 'lack of backlog'],
  ['the old history past the promotion', a, 502, 'Requested offset for second ID was 502, but I can reply up to 501'],
  ['another history', c, 400, 'Replication ID mismatch'],
])('full: %s', (_, id, wanted, reason) => {
  const { ids, backlog } = promoted();
  const answer = answerPsync(ids, backlog, id, wanted);
  expect(answer.kind).toBe('full');
  if (answer.kind === 'full' && reason !== undefined) expect(answer.reason).toContain(reason);
});

test('without a backlog nothing is continued', () => {
  expect(answerPsync(promoted().ids, undefined, b, 500)).toMatchObject({ kind: 'full' });
});

test('a replica that follows a promoted master keeps the old id as its second', () => {
  const ids = new ReplicationIds(a);
  ids.rename(a, 10);
  expect(ids.secondId).toBeUndefined();
  ids.rename(b, 10);
  expect([ids.replId, ids.secondId, ids.secondOffset]).toEqual([b, a, 10]);
  ids.adopt(c);
  expect([ids.replId, ids.secondId, ids.secondOffset]).toEqual([c, undefined, -1]);
});
