import { type ByteBuffer, equalBytes, parseDouble } from '@kvartz/base';
import { formatElement, integerElement } from '@kvartz/engine';
import { RdbType } from '../rdb/format.ts';
import { PackScan } from '../rdb/packed/pack-scan.ts';
import { RdbBytes } from '../rdb/rdb-bytes.ts';

const intsetHeadBytes = 8;
const digitsMax = 20;

/** Looks at packed values before their bytes become a block of the engine. */
export class PackCheck {
  readonly #scan = new PackScan();
  readonly #member = new RdbBytes();
  readonly #other = new RdbBytes();

  /**
   * Elements (fields, members) of a value of at most `max` that may be taken as it is: no element stands twice, and the engine would
   * have written the same bytes. -1: it has to be built element by element, which finds out what is wrong, if anything is.
   */
  elementsOf(type: RdbType, pack: RdbBytes, max: number): number {
    switch (type) {
      case RdbType.setIntset:
        return membersOfIntset(pack, max);
      case RdbType.setListpack:
        return this.#elements(pack, max, 1);
      case RdbType.hashListpack:
        return this.#elements(pack, max, 2);
      case RdbType.zsetListpack: {
        const count = this.#elements(pack, max, 2);
        return count < 0 || this.#isInOrder(pack.buffer, count) ? count : -1;
      }
      default:
        return -1;
    }
  }

  /** Elements of a pack of a list; -1 as above. */
  elementsOfNode({ buffer, end, start }: RdbBytes): number {
    return this.#scan.scan(buffer, start, end) ? this.#scan.count : -1;
  }

  #elements({ buffer, end, start }: RdbBytes, max: number, step: number): number {
    const scan = this.#scan;
    if (!scan.scan(buffer, start, end)) return -1;
    const count = scan.count / step;
    return Number.isInteger(count) && count <= max && !scan.hasTwins(step) ? count : -1;
  }

  /** Whether members come by score and then by bytes. */
  #isInOrder(buffer: ByteBuffer, members: number): boolean {
    const { starts } = this.#scan;
    let before = -Infinity;
    for (let i = 0; i < members; i++) {
      const score = this.#scoreAt(buffer, starts[2 * i + 1]);
      if (!(score >= before)) return false;
      if (score === before && i > 0 && !this.#isBelow(buffer, starts[2 * i - 2], starts[2 * i])) return false;
      before = score;
    }
    return true;
  }

  /** NaN: it is none, or an integer beyond 2^53. */
  #scoreAt(buffer: ByteBuffer, at: number): number {
    const integer = integerElement(buffer, at);
    if (Number.isFinite(integer)) return integer;
    if (integer === integer) return NaN;
    const { end, start } = readText(buffer, at, this.#member);
    return parseDouble(buffer.u8, start, end);
  }

  #isBelow(buffer: ByteBuffer, at: number, otherAt: number): boolean {
    const a = readText(buffer, at, this.#member);
    const b = readText(buffer, otherAt, this.#other);
    const length = Math.min(a.sizeBytes, b.sizeBytes);
    if (equalBytes(a.buffer, a.start, a.start + length, b.buffer, b.start, b.start + length)) {
      return a.sizeBytes < b.sizeBytes;
    }
    let i = 0;
    while (a.buffer.u8[a.start + i] === b.buffer.u8[b.start + i]) i++;
    return a.buffer.u8[a.start + i] < b.buffer.u8[b.start + i];
  }
}

/** The element at `at`: a string where it stands, an integer as digits. */
function readText(buffer: ByteBuffer, at: number, into: RdbBytes): RdbBytes {
  const { dv, u8 } = buffer;
  const first = u8[at];
  if (first >= 0x80 && first < 0xc0) into.set(buffer, at + 1, at + 1 + (first & 0x3f));
  else if (first >= 0xe0 && first < 0xf0) into.set(buffer, at + 2, at + 2 + (((first & 15) << 8) | u8[at + 1]));
  else if (first === 0xf0) into.set(buffer, at + 5, at + 5 + dv.getUint32(at + 1, true));
  else into.end = formatElement(buffer, at, into.reserve(digitsMax).u8, 0);
  return into;
}

/** Members of an intset, which must rise; -1: it is none, or has more than `max`. */
function membersOfIntset({ buffer: { dv }, end, start }: RdbBytes, max: number): number {
  if (end - start < intsetHeadBytes) return -1;
  const width = dv.getUint32(start, true);
  const count = dv.getUint32(start + 4, true);
  if ((width !== 2 && width !== 4 && width !== 8) || count > max) return -1;
  if (end - start !== intsetHeadBytes + count * width) return -1;
  let at = start + intsetHeadBytes;
  if (width === 8) {
    for (let before = -1n << 64n; at < end; at += 8) {
      const member = dv.getBigInt64(at, true);
      if (member <= before) return -1;
      before = member;
    }
    return count;
  }
  for (let before = -Infinity; at < end; at += width) {
    const member = width === 2 ? dv.getInt16(at, true) : dv.getInt32(at, true);
    if (member <= before) return -1;
    before = member;
  }
  return count;
}
