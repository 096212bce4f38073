import { expect, test } from 'vitest';
import { Agreement, isAccident } from './agreement.ts';
import { type Reply, ReplyReader } from './reply.ts';

function reply(text: string): Reply {
  const reader = new ReplyReader();
  reader.feed(Buffer.from(text, 'latin1'));
  return reader.next()!;
}

function bulks(...texts: string[]): Reply {
  return reply(`*${texts.length}\r\n${texts.map((text) => `$${text.length}\r\n${text}\r\n`).join('')}`);
}

const zrange = ['ZRANGE', 'z', '0', '-1', 'WITHSCORES'];

test('a distance may be another in its last digits only after STOREDIST', () => {
  const ours = bulks('m', '15529.95210634284');
  const theirs = bulks('m', '15529.952106342836');
  expect(new Agreement([['GEOSEARCHSTORE', 'z', 'g', 'storedist'], zrange]).check(zrange, ours, theirs)).toBe(true);
  expect(new Agreement([zrange]).check(zrange, ours, theirs)).toBe(false);
  const near = bulks('m', '15529.9521064');
  expect(new Agreement([['GEOSEARCHSTORE', 'STOREDIST']]).check(zrange, near, theirs)).toBe(false);
});

test('doubles: the same one however it is written, and -0 there may be 0 here', () => {
  const agreement = new Agreement([]);
  expect(agreement.check(zrange, bulks('m', '0.1'), bulks('m', '0.10000000000000001'))).toBe(true);
  expect(agreement.check(zrange, bulks('m', '0'), bulks('m', '-0'))).toBe(true);
  expect(agreement.check(zrange, bulks('m', '-0'), bulks('m', '0'))).toBe(false);
  const scan = ['ZSCAN', 'z', '0', 'COUNT', '100000'];
  const cursor = '*2\r\n$1\r\n0\r\n*4\r\n';
  const ours = reply(`${cursor}$1\r\na\r\n$3\r\n0.1\r\n$1\r\nb\r\n$1\r\n2\r\n`);
  expect(
    agreement.check(scan, ours, reply(`${cursor}$1\r\nb\r\n$1\r\n2\r\n$1\r\na\r\n$19\r\n0.10000000000000001\r\n`)),
  ).toBe(true);
  expect(agreement.check(scan, ours, reply(`${cursor}$1\r\nb\r\n$1\r\n3\r\n$1\r\na\r\n$3\r\n0.1\r\n`))).toBe(false);
});

test('SORT ALPHA: what follows a zero byte may stand in any order, unless it is stored', () => {
  const agreement = new Agreement([]);
  const ours = bulks('', '\0a', '\0b', '1');
  expect(agreement.check(['SORT', 'l', 'ALPHA'], ours, bulks('\0b', '\0a', '', '1'))).toBe(true);
  expect(agreement.check(['SORT', 'l', 'ALPHA'], ours, bulks('', '\0a', '1', '\0b'))).toBe(false);
  expect(agreement.check(['SORT', 'l', 'alpha', 'STORE', 'd'], ours, bulks('\0b', '\0a', '', '1'))).toBe(false);
});

test('SORT refused there only is an accident', () => {
  const refused = reply("-ERR One or more scores can't be converted into double\r\n");
  expect(isAccident(bulks('1'), refused)).toBe(true);
  expect(isAccident(refused, refused)).toBe(false);
  expect(isAccident(bulks('1'), bulks('2'))).toBe(false);
});
