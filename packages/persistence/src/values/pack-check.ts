import { type ByteBuffer, parseDouble } from '@kvartz/base';
import { RdbType } from '../rdb/format.ts';
import { kindOf } from '../rdb/kinds.ts';
import type { PackReaders } from '../rdb/packed/pack-readers.ts';
import { packError } from '../rdb/packed/pack-reader.ts';
import { RdbBytes } from '../rdb/rdb-bytes.ts';

/** Looks at packed values from a file before their bytes become a block of the engine. */
export class PackCheck {
  readonly #packs: PackReaders;
  readonly #member = new RdbBytes();
  readonly #other = new RdbBytes();
  readonly #score = new RdbBytes();

  constructor(packs: PackReaders) {
    this.#packs = packs;
  }

  /**
   * Elements (fields, members) of a value that may be taken as it is; -1: it is right, but the engine would have written other
   * bytes, so that it has to be built anew. Throws RdbError. That no element stands twice is not looked at.
   */
  elementsOf(type: RdbType, pack: RdbBytes): number {
    if (type === RdbType.setIntset) {
      const { intset } = this.#packs;
      intset.begin(pack);
      while (intset.next(this.#member));
      return intset.count;
    }
    const isListpack = type === RdbType.hashListpack || type === RdbType.zsetListpack || type === RdbType.setListpack;
    if (!isListpack) return -1;
    const { listpack } = this.#packs;
    listpack.begin(pack);
    if (type === RdbType.zsetListpack) return this.#membersOf();
    while (listpack.next(this.#member));
    if (!listpack.isCanonical) return -1;
    if (kindOf(type) === 'set') return listpack.count;
    return (listpack.count & 1) === 0 ? listpack.count / 2 : -1;
  }

  /** Members must come by score and then by bytes. */
  #membersOf(): number {
    const { listpack } = this.#packs;
    const score = this.#score;
    let before = -Infinity;
    let member = this.#member;
    let last = this.#other;
    let isOrdered = true;
    for (let i = 0; listpack.next(member); i++) {
      if (!listpack.next(score)) throw packError('listpack', listpack.offset, 'a score behind each member', 'the end');
      const value = parseDouble(score.buffer.u8, score.start, score.end);
      if (Number.isNaN(value)) throw packError('listpack', listpack.offset, 'a score', 'something else');
      if (value < before || (i > 0 && value === before && !isBelow(last, member))) isOrdered = false;
      before = value;
      const spare = last;
      last = member;
      member = spare;
    }
    return listpack.isCanonical && isOrdered ? listpack.count / 2 : -1;
  }
}

/** Whether the bytes of one come before those of the other. */
function isBelow(a: RdbBytes, b: RdbBytes): boolean {
  const length = Math.min(a.sizeBytes, b.sizeBytes);
  const i = firstDifference(a.buffer, a.start, b.buffer, b.start, length);
  return i === length ? a.sizeBytes < b.sizeBytes : a.buffer.u8[a.start + i] < b.buffer.u8[b.start + i];
}

function firstDifference(a: ByteBuffer, at: number, b: ByteBuffer, bAt: number, length: number): number {
  let i = 0;
  while (i < length && a.u8[at + i] === b.u8[bAt + i]) i++;
  return i;
}
