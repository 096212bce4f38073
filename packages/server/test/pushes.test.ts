import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { type TestClient, TestServer } from './support/test-server.ts';

const channels = ['a', 'b', 'c', 'ab'];
const patterns = ['a*', '*', 'c'];

interface Listener {
  readonly protocol: 2 | 3;
  readonly channels: readonly string[];
  readonly patterns: readonly string[];
}

interface Message {
  readonly channel: string;
  readonly sizeBytes: number;
}

const listener = fc.record({
  protocol: fc.constantFrom(2, 3) as fc.Arbitrary<2 | 3>,
  channels: fc.uniqueArray(fc.constantFrom(...channels)),
  patterns: fc.uniqueArray(fc.constantFrom(...patterns)),
});

const message = fc.record({
  channel: fc.constantFrom(...channels),
  sizeBytes: fc.oneof({ weight: 6, arbitrary: fc.nat(200) }, fc.constantFrom(70_000, 400_000)),
});

function payloadOf({ sizeBytes }: Message, index: number): string {
  return String(index).padStart(4, '0') + 'x'.repeat(sizeBytes);
}

function isMatch(pattern: string, channel: string): boolean {
  return pattern === '*' || pattern === channel || (pattern === 'a*' && channel.startsWith('a'));
}

/** What the listener must receive of the messages, in order; of a message by its patterns, those come in any order. */
function expected(one: Listener, messages: readonly Message[]): string[] {
  return messages.flatMap((each, i) => {
    const payload = payloadOf(each, i);
    const matching = one.patterns.filter((pattern) => isMatch(pattern, each.channel));
    const direct = one.channels.includes(each.channel) ? [`message ${each.channel} ${payload}`] : [];
    return [...direct, ...matching.map((pattern) => `pmessage ${pattern} ${each.channel} ${payload}`).toSorted()];
  });
}

/** Messages with the same payload came of one PUBLISH. */
function received(replies: readonly unknown[]): string[] {
  const texts = replies.map((reply) => (shown(reply) as string[]).join(' '));
  return texts.toSorted((x, y) => numberOf(x) - numberOf(y) || (x < y ? -1 : 1));
}

function numberOf(text: string): number {
  return Number(/ (\d{4})x*$/.exec(text)?.[1]);
}

async function subscribe(client: TestClient, { channels: own, patterns: globs, protocol }: Listener): Promise<void> {
  await client.ask(`HELLO ${protocol}`);
  if (own.length > 0) client.send(`SUBSCRIBE ${own.join(' ')}`);
  if (globs.length > 0) client.send(`PSUBSCRIBE ${globs.join(' ')}`);
  await client.repliesWithin(20);
}

test(
  'whoever listens to whatever, in either protocol, gets each message whole and in order',
  { timeout: 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(listener, { minLength: 1, maxLength: 6 }),
        fc.array(message, { minLength: 1, maxLength: 25 }),
        fc.boolean(),
        async (listeners, messages, isOneTurn) => {
          const server = await TestServer.start();
          const clients: TestClient[] = [];
          for (const one of listeners) {
            const client = await server.connect();
            await subscribe(client, one);
            clients.push(client);
          }
          const publisher = await server.connect();
          if (isOneTurn) publisher.send('MULTI');
          for (const [i, each] of messages.entries()) publisher.send('PUBLISH', each.channel, payloadOf(each, i));
          if (isOneTurn) publisher.send('EXEC');
          await publisher.repliesWithin(500);
          for (const [i, client] of clients.entries()) {
            const replies = (await client.repliesWithin(0)).map(shown) as string[][];
            const numbers = replies.map((reply) => numberOf(reply.join(' ')));
            expect(numbers).toEqual(numbers.toSorted((x, y) => x - y));
            expect(received(replies)).toEqual(
              received(expected(listeners[i], messages).map((text) => text.split(' '))),
            );
          }
        },
      ),
      { numRuns: 25 },
    );
  },
);

test('a listener that changes its protocol between two messages of a turn reads both', async () => {
  const server = await TestServer.start();
  const client = await server.connect();
  await client.ask('HELLO 3');
  await client.ask('SUBSCRIBE a');
  for (const request of ['MULTI', 'PUBLISH a one', 'HELLO 2', 'PUBLISH a two', 'HELLO 3', 'EXEC']) client.send(request);
  const replies = (await client.repliesWithin(50)).map(shown);
  expect(replies.slice(-2)).toEqual([
    ['message', 'a', 'one'],
    ['message', 'a', 'two'],
  ]);
});

test('a socket that takes nothing for a while gets what was sent then, though others have gone on', async () => {
  const server = await TestServer.start();
  const [slow, quick, publisher] = [await server.connect(), await server.connect(), await server.connect()];
  for (const client of [slow, quick]) await client.ask('SUBSCRIBE a');
  slow.connection.pauseReading();
  const payloads = Array.from({ length: 300 }, (_, i) => String(i).padStart(4, '0') + 'x'.repeat(10_000));
  for (const payload of payloads) expect(await publisher.ask('PUBLISH', 'a', payload)).toBe(2);
  expect((await quick.repliesWithin(100)).map((reply) => (shown(reply) as string[])[2])).toEqual(payloads);
  slow.connection.resumeReading();
  expect((await slow.repliesWithin(1000)).map((reply) => (shown(reply) as string[])[2])).toEqual(payloads);
});
