import { ByteBuffer, latin1Bytes, latin1Of } from '@kvartz/base';
import { type Args, encodeRequest, RequestBatch } from '@kvartz/resp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AofEnd } from './aof-end.ts';
import { AofError } from './aof-error.ts';
import { AofEvent, AofReader, beginsWithRdb } from './aof-reader.ts';
import { countCommands } from './swallowed-request.ts';

const wire = (...commands: readonly string[]): string =>
  commands.map((words) => latin1Of(encodeRequest(words.split(' ')))).join('');

interface Outcome {
  readonly events: readonly string[];
  readonly end: AofEnd | AofError;
  readonly reader: AofReader;
}

function textOfArgs({ buffer, count, start, end }: Args): string {
  return Array.from({ length: count }, (_, i) => latin1Of(buffer.u8, start[i], end[i])).join(' ');
}

/** Reads the pieces one after the other, each in memory of its own at an odd place, which is overwritten afterwards. */
function read(pieces: readonly string[], batch?: RequestBatch): Outcome {
  const reader = new AofReader();
  const events: string[] = [];
  try {
    for (const piece of pieces) {
      const chunk = ByteBuffer.from(latin1Bytes(`...${piece}...`));
      reader.feed(chunk, 3, 3 + piece.length);
      for (;;) {
        const count = batch === undefined ? 0 : reader.nextBatch(batch);
        for (let i = 0; i < count; i++) events.push(textOfArgs(batch!.args[i]));
        const event = reader.next();
        if (event === AofEvent.needMore) break;
        events.push(event === AofEvent.annotation ? `#${reader.annotation}` : textOfArgs(reader.args));
      }
      chunk.u8.fill(0x2a);
    }
    return { events, end: reader.finish(), reader };
  } catch (error) {
    if (!(error instanceof AofError)) throw error;
    return { events, end: error, reader };
  }
}

const byteByByte = (text: string): string[] => Array.from(text);

describe('whole files', () => {
  const text = `${wire('SELECT 0', 'SET a 1')}#TS:1700000000\r\n${wire('MULTI', 'SET b 2', 'Exec', 'DEL a')}`;
  const events = ['SELECT 0', 'SET a 1', '#TS:1700000000', 'MULTI', 'SET b 2', 'Exec', 'DEL a'];
  for (const [name, pieces, batch] of [
    ['in one piece', [text], undefined],
    ['byte by byte', byteByByte(text), undefined],
    ['in batches', [text], new RequestBatch(16)],
    ['in small batches', [text.slice(0, 50), text.slice(50)], new RequestBatch(2)],
  ] as const) {
    test(name, () => {
      const outcome = read(pieces, batch);
      expect(outcome.events).toEqual(events);
      expect(outcome.end).toEqual({
        kind: 'whole',
        safeOffset: text.length,
        sizeBytes: text.length,
        droppedCommands: 0,
        offset: text.length,
        expected: '',
      });
      expect([outcome.reader.commands, outcome.reader.transactions]).toEqual([6, 1]);
    });
  }

  test('an empty file', () => {
    expect(read([]).end).toMatchObject({ kind: 'whole', safeOffset: 0 });
  });

  test('behind an RDB file offsets count from the start of the file', () => {
    const reader = new AofReader(1000);
    const bytes = ByteBuffer.from(latin1Bytes(`${wire('SET a 1')}*1\r\n`));
    reader.feed(bytes, 0, bytes.sizeBytes);
    expect(reader.next()).toBe(AofEvent.command);
    expect([reader.itemOffset, reader.wholeOffset]).toEqual([1000, 1027]);
    expect(reader.next()).toBe(AofEvent.needMore);
    expect(reader.finish()).toMatchObject({ kind: 'cut', safeOffset: 1027, sizeBytes: 1031 });
  });

  test('RDB files are known by their first bytes', () => {
    expect(['', 'RED', 'REDIS0011', 'RESP', '*1'].map((head) => beginsWithRdb(latin1Bytes(head)))).toEqual([
      undefined,
      undefined,
      true,
      false,
      false,
    ]);
  });
});

describe('files that end too early', () => {
  const whole = wire('SET a 1');
  for (const [name, tail, kind, droppedCommands, expected] of [
    ['in a value', '*2\r\n$3\r\nDEL\r\n$10\r\nabc', 'cut', 0, '9 more bytes of a value of 10'],
    ['before a value', '*2\r\n$3\r\nDEL\r\n', 'cut', 0, 'argument 2 of 2'],
    ['in a count', '*2', 'cut', 0, 'a count of arguments'],
    ['in an annotation', '#TS:17', 'cut', 0, 'the end of a line'],
    ['in a transaction', wire('MULTI', 'SET b 2'), 'openTransaction', 2, 'EXEC'],
    ['in a command of a transaction', `${wire('MULTI', 'SET b 2')}*1\r`, 'cut', 2, 'a count of arguments'],
    [
      'with zeros in a value',
      `*2\r\n$3\r\nDEL\r\n$3\r\nabc\0\0\0`,
      'zeros',
      0,
      'the end (CR LF) of a value of 3 bytes',
    ],
    ['with zeros in a count', '*\0\0\0\0', 'zeros', 0, 'a count of arguments'],
    ['with zeros after a command', '\0\0\0\0', 'zeros', 0, "'*' or '#'"],
    ['with zeros in an annotation', '#TS:\0\0', 'zeros', 0, 'an annotation without zero bytes'],
    [
      'with a value of a value',
      '*2\r\n$3\r\nDEL\r\n$100\r\n*1\r\n$4\r\nPING\r\n and more',
      'cut',
      0,
      '79 more bytes of a value of 100',
    ],
  ] as const) {
    for (const pieces of [[whole + tail], byteByByte(whole + tail)]) {
      test(`${name}, in ${pieces.length === 1 ? 'one piece' : 'bytes'}`, () => {
        expect(read(pieces).end).toMatchObject({
          kind,
          safeOffset: whole.length,
          sizeBytes: whole.length + tail.length,
          droppedCommands,
          expected,
        });
      });
    }
  }
});

describe('damage', () => {
  const whole = wire('SET a 1');
  for (const [name, tail, offset, expected, found] of [
    ['another line', 'PING\r\n', 0, "'*' or '#'", '"PING\\r\\n"'],
    ['zeros in the middle', `\0\0${whole}`, 0, "'*' or '#'", '"\\x00\\x00*3\\r\\n$3\\r\\nSE"'],
    ['no arguments', '*0\r\n', 1, 'a count of arguments above zero', '"0\\r\\n"'],
    ['a count below zero', '*-1\r\n', 1, 'a count of arguments', '"-1\\r\\n"'],
    ['no count', '*\r\n', 1, 'a number', '"\\r\\n"'],
    ['a line without CR', '*1\n$4\r\nPING\r\n', 2, 'a count of arguments', '"\\n$4\\r\\nPING\\r\\n"'],
    ['a line without LF', '*1\r$4\r\nPING\r\n', 3, 'the end (CR LF) of a line', '"$4\\r\\nPING\\r\\n"'],
    ['no length', '*1\r\n:4\r\n', 4, "'$'", '":4\\r\\n"'],
    ['a length below zero', '*1\r\n$-1\r\n', 5, 'the length of a value', '"-1\\r\\n"'],
    ['too many digits', `*1\r\n$${'1'.repeat(20)}\r\n`, 24, 'the length of a value', '"1\\r\\n"'],
    ['a value that is longer', '*1\r\n$3\r\nPING\r\n', 11, 'the end (CR LF) of a value of 3 bytes', '"G\\r\\n"'],
    ['a value that is shorter', '*1\r\n$5\r\nPING\r\n*1', 13, 'the end (CR LF) of a value of 5 bytes', '"\\n*1"'],
    ['EXEC alone', wire('EXEC'), 0, 'MULTI before EXEC', 'EXEC'],
    ['MULTI in MULTI', wire('MULTI', 'multi'), 15, 'a command of the transaction, or EXEC', 'MULTI'],
    ['a long annotation', `#${'x'.repeat(2000)}\r\n`, 1024, 'an annotation of at most 1024 bytes', '"xxxxxxxxxxxx"'],
    [
      'a length that swallows commands',
      `*2\r\n$3\r\nDEL\r\n$1000\r\na\r\n${whole}${whole}`,
      13,
      `a length below 3, since whole commands follow at offset ${whole.length + 23}`,
      'a length of 1000 bytes, which are more than the file has',
    ],
    [
      'a length that swallows commands, the last of them cut',
      `*2\r\n$3\r\nDEL\r\n$1000\r\na\r\n${whole}*2\r\n$`,
      13,
      `a length below 3, since whole commands follow at offset ${whole.length + 23}`,
      'a length of 1000 bytes, which are more than the file has',
    ],
  ] as const) {
    for (const pieces of [[whole + tail], byteByByte(whole + tail)]) {
      test(`${name}, in ${pieces.length === 1 ? 'one piece' : 'bytes'}`, () => {
        const { end, reader } = read(pieces);
        expect(end).toBeInstanceOf(AofError);
        expect(end).toMatchObject({ code: 'corrupt', offset: whole.length + offset, expected });
        if (pieces.length === 1) expect(end).toMatchObject({ found });
        expect(reader.safeOffset).toBe(whole.length);
        expect(() => reader.next()).toThrow(AofError);
      });
    }
  }

  test('more than memory can hold', () => {
    expect(read(['*1\r\n$99999999999\r\nabc']).end).toMatchObject({ code: 'unsupported', offset: 4 });
  });
});

describe('any bytes', () => {
  const commands = fc.array(
    fc.constantFrom('SET a 1', 'DEL a', 'MULTI', 'SET b 2', 'EXEC', `SET c ${'x'.repeat(700)}`, 'RPUSH l 1 2 3'),
    { maxLength: 12 },
  );
  const cutsOf = (text: string, cuts: readonly number[]): string[] => {
    const at = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].toSorted((a, b) => a - b);
    return at.slice(1).map((end, i) => text.slice(at[i], end));
  };

  test('where chunks end does not matter, nor whether commands are read ahead', () => {
    fc.assert(
      fc.property(commands, fc.array(fc.nat(), { maxLength: 8 }), fc.nat(), fc.nat(), (list, cuts, at, byte) => {
        let text = wire(...list);
        if (at % 3 === 0)
          text = `${text.slice(0, at % (text.length + 1))}${String.fromCharCode(byte % 128)}${text.slice((at % (text.length + 1)) + 1)}`;
        if (at % 3 === 1) text = text.slice(0, byte % (text.length + 1));
        const expected = read([text]);
        for (const outcome of [read(cutsOf(text, cuts)), read(cutsOf(text, cuts), new RequestBatch(3))]) {
          expect(outcome.events).toEqual(expected.events);
          expect(outcome.reader.safeOffset).toBe(expected.reader.safeOffset);
          if (!(expected.end instanceof AofError)) expect(outcome.end).toEqual(expected.end);
          else {
            const { code, offset } = expected.end;
            expect(outcome.end).toMatchObject({ code, offset, expected: expected.end.expected });
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('a file that is cut anywhere is cut back to its last whole command or transaction', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 }), { maxLength: 6 }), fc.nat(), (sizes, at) => {
        const parts = sizes.map((size) =>
          size % 2 === 0 ? wire(`SET k${size} ${'v'.repeat(size)}`) : wire('MULTI', `INCR k${size}`, 'EXEC'),
        );
        const text = parts.join('');
        const cutAt = at % (text.length + 1);
        let safe = 0;
        for (const part of parts)
          if (safe + part.length <= cutAt) safe += part.length;
          else break;
        for (const zeros of ['', '\0\0\0']) {
          const { end } = read([text.slice(0, cutAt) + zeros]);
          expect(end).not.toBeInstanceOf(AofError);
          expect((end as AofEnd).safeOffset).toBe(safe);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('what is announced is not allocated', () => {
    const reader = new AofReader();
    const input = ByteBuffer.from(latin1Bytes('*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2000000000\r\nabc'));
    const before = process.memoryUsage().arrayBuffers;
    reader.feed(input, 0, input.sizeBytes);
    expect(reader.next()).toBe(AofEvent.needMore);
    const many = new AofReader();
    const counts = ByteBuffer.from(latin1Bytes('*2000000000\r\n$1\r\na\r\n'));
    many.feed(counts, 0, counts.sizeBytes);
    expect(many.next()).toBe(AofEvent.needMore);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000);
  });
});

test('commands are counted in what is damaged', () => {
  const count = (text: string): number => countCommands(ByteBuffer.from(latin1Bytes(text)), 0, text.length);
  const two = wire('SET a 1', 'DEL a');
  expect([two, `x${two}`, `junk\r\n${two}junk\r\n${two}*3\r\n`, '*1\r\n$3\r\n+-*\r\n'].map(count)).toEqual([
    2, 1, 4, 0,
  ]);
});
