import { expect, test } from 'vitest';
import { type ReplicaAnnouncement, ReplicaSession } from './replica-session.ts';

const id = '0123456789abcdef0123456789abcdef01234567';

/** A session whose calls of its host are noted as lines. */
function begin(announcement: Partial<ReplicaAnnouncement> = {}) {
  const notes: string[] = [];
  const text = (bytes: Uint8Array, start = 0, end = bytes.length): string =>
    new TextDecoder().decode(bytes.subarray(start, end));
  const words = (bytes: Uint8Array): string =>
    text(bytes)
      .split('\r\n')
      .filter((_, i) => i > 0 && i % 2 === 0)
      .join(' ');
  const session = new ReplicaSession(
    {
      send: (bytes) => notes.push(`> ${words(bytes)}`),
      reached: () => notes.push('reached'),
      fullSync: (replId, offset) => notes.push(`full ${replId.slice(0, 4)} ${offset}`),
      snapshotBegins: (sizeBytes) => notes.push(`snapshot of ${sizeBytes}`),
      snapshot: (bytes, start, end) => notes.push(`part ${text(bytes, start, end)}`),
      snapshotEnds: () => notes.push('snapshot ends'),
      continued: (newId) => notes.push(`continued ${newId?.slice(0, 4)}`),
      stream: (bytes, start, end) => notes.push(`stream ${text(bytes, start, end)}`),
      warned: (warning) => notes.push(`warned ${warning}`),
      failed: (reason) => notes.push(`failed ${reason}`),
    },
    { listeningPort: 7000, version: '7.4.0', ...announcement },
  );
  session.opened();
  const feed = (reply: string): string[] => {
    notes.length = 0;
    const bytes = new TextEncoder().encode(reply);
    session.receive(bytes, 0, bytes.length);
    return notes.slice();
  };
  return { session, notes, feed };
}

/** Up to PSYNC. */
function shaken(announcement: Partial<ReplicaAnnouncement> = {}) {
  const one = begin(announcement);
  one.feed('+PONG\r\n');
  for (let i = 0; i < 3; i++) one.feed('+OK\r\n');
  expect(one.session.phase).toBe('psync');
  return one;
}

test('the handshake, one request after the other', () => {
  const { notes, feed } = begin({ password: 'secret', ipAddress: '10.0.0.7' });
  expect(notes).toEqual(['> PING']);
  expect(feed('-NOAUTH Authentication required.\r\n')).toEqual(['reached', '> AUTH secret']);
  expect(feed('+OK\r\n')).toEqual(['> REPLCONF listening-port 7000']);
  expect(feed('+OK\r\n')).toEqual(['> REPLCONF ip-address 10.0.0.7']);
  expect(feed('-ERR what\r\n')).toEqual([
    'warned (Non critical) Master does not understand REPLCONF ip-address: -ERR what',
    '> REPLCONF capa eof capa psync2',
  ]);
  expect(feed('+OK\r\n')).toEqual(['> REPLCONF version 7.4.0']);
  expect(feed('-ERR Unrecognized REPLCONF option: version\r\n')).toEqual(['> PSYNC ? -1']);
});

test('a name goes with the password', () => {
  const { feed } = begin({ user: 'repl', password: 'secret' });
  expect(feed('+PONG\r\n')).toEqual(['reached', '> AUTH repl secret']);
  expect(feed('-WRONGPASS no\r\n')).toEqual(['failed Unable to AUTH to MASTER: -WRONGPASS no']);
});

test('a master that is busy refuses PING', () => {
  expect(begin().feed('-LOADING Redis is loading\r\n')).toEqual([
    'failed Error reply to PING from master: -LOADING Redis is loading',
  ]);
});

test('full sync of a known size; the stream may follow in the same chunk', () => {
  const { session, feed } = shaken();
  expect(feed('\n')).toEqual([]);
  expect(feed(`+FULLRESYNC ${id} 12\r`)).toEqual([]);
  expect(feed('\n\n\n$5\r\nREDIS*1\r\n')).toEqual([
    'full 0123 12',
    'snapshot of 5',
    'part REDIS',
    'snapshot ends',
    'stream *1\r\n',
  ]);
  expect(session.phase).toBe('stream');
});

test('full sync with a marked end', () => {
  const { feed } = shaken();
  feed(`+FULLRESYNC ${id} 0\r\n`);
  expect(feed(`$EOF:${id}\r\nREDIS${id.slice(0, 10)}`)).toEqual(['snapshot of undefined']);
  expect(feed(id.slice(10))).toEqual(['part REDIS', 'snapshot ends']);
});

test('it asks for the byte after the last it has, and goes on there', () => {
  const { notes, feed } = shaken({ position: { replId: id, offset: 100 } });
  expect(notes).toEqual([`> PSYNC ${id} 101`]);
  expect(feed(`+CONTINUE ${'b'.repeat(40)}\r\nabc`)).toEqual(['continued bbbb', 'stream abc']);
  expect(feed('def')).toEqual(['stream def']);
});

test.each([
  ['-NOMASTERLINK no', 'failed the master refused PSYNC: -NOMASTERLINK no'],
  ['+FULLRESYNC zz 1', 'failed the master refused PSYNC: +FULLRESYNC zz 1'],
  ['+CONTINUE', 'failed the master continues a stream that was not asked for'],
])('%s ends it', (reply, note) => {
  const { session, feed } = shaken();
  expect(feed(`${reply}\r\nmore`)).toEqual([note]);
  expect(session.phase).toBe('failed');
});

test.each(['$0', '$x', '-ERR gave up', '$EOF:123'])('a snapshot that begins with %s ends it', (head) => {
  const { session, feed } = shaken();
  feed(`+FULLRESYNC ${id} 1\r\n`);
  expect(feed(`${head}\r\n`).at(-1)).toContain('failed the master sent what cannot be read: ');
  expect(session.phase).toBe('failed');
});

test('a line without end is not collected', () => {
  const { session, feed } = shaken();
  for (let i = 0; i < 10; i++) feed('x'.repeat(1000));
  expect(session.phase).toBe('failed');
});
