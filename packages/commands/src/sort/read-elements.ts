import { type EntryRef, ValueType } from '@kvartz/engine';
import type { CommandContext } from '../context.ts';
import { ByteList } from './byte-list.ts';

/** `count` elements from position `first` on, counted from the end if `isBackward`. Sets are read whole. */
export function readElements(
  { db }: CommandContext,
  entry: EntryRef,
  type: ValueType,
  first: number,
  count: number,
  isBackward: boolean,
): ByteList {
  const elements = new ByteList(Math.max(count, 1));
  if (count === 0) return elements;
  const total = db.countOf(entry);
  const position = isBackward ? total - 1 - first : first;
  if (type === ValueType.list) {
    const { walk } = db.lists;
    walk.seek(entry, total, position, isBackward);
    while (elements.count < count && walk.next()) {
      const { buffer, start, end } = walk.read();
      elements.push(buffer, start, end);
    }
  } else if (type === ValueType.set) {
    const walk = db.sets.walk(entry);
    while (walk.next()) {
      const { buffer, start, end } = walk.text();
      elements.push(buffer, start, end);
    }
  } else {
    const sets = db.sortedSets;
    sets.seek(entry, position);
    while (elements.count < count && (isBackward ? sets.previous() : sets.next())) {
      const { buffer, start, end } = sets.member;
      elements.push(buffer, start, end);
    }
  }
  return elements;
}
