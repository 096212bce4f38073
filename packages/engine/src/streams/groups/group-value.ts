import type { Arena, BlockRef } from '../../arena.ts';
import { copyBlock } from '../../copy-block.ts';
import { FreeBudget } from '../../free-budget.ts';
import { clearIdTree, idTreeBytes } from '../id-tree-value.ts';
import { IdTree } from '../id-tree.ts';
import { IdWalk, initIdTree } from '../id-walk.ts';
import {
  type ConsumerRef,
  type GroupRef,
  GroupWord,
  pendingBytes,
  pendingRootOf,
  setWordAt,
  wordAt,
} from './layout.ts';

/** Of the groups, and of the consumers of a group, at most so many are weighed for an estimate. */
const sampledMax = 16;

/** Frees the groups of a stream, the last one first, as far as the budget goes; true when they are gone. */
export function freeGroups(arena: Arena, groups: BlockRef, budget: FreeBudget): boolean {
  return freeList(arena, groups, (group) => freeGroup(arena, group, budget));
}

/** The same for one group, which stands in no list. */
export function freeGroup(arena: Arena, group: GroupRef, budget: FreeBudget): boolean {
  const consumers = wordAt(arena, group, GroupWord.consumers);
  if (consumers !== 0) {
    if (!freeList(arena, consumers, (consumer) => freeConsumer(arena, consumer, budget))) return false;
    setWordAt(arena, group, GroupWord.consumers, 0);
  }
  if (!clearIdTree(arena, pendingRootOf(group), budget, (pending) => arena.free(pending))) return false;
  if (budget.units <= 0) return false;
  arena.free(group);
  budget.units--;
  return true;
}

function freeConsumer(arena: Arena, consumer: ConsumerRef, budget: FreeBudget): boolean {
  if (!clearIdTree(arena, pendingRootOf(consumer), budget) || budget.units <= 0) return false;
  arena.free(consumer);
  budget.units--;
  return true;
}

/** `freeRecord` says whether it has freed the record; if not, the list stays as long as it is. */
function freeList(arena: Arena, list: BlockRef, freeRecord: (record: BlockRef) => boolean): boolean {
  for (let count = wordAt(arena, list, 0); count > 0; setWordAt(arena, list, 0, --count)) {
    if (!freeRecord(wordAt(arena, list, count))) return false;
  }
  arena.free(list);
  return true;
}

/** A deep copy; 0 when there is no memory: then nothing has been allocated. */
export function copyGroups(arena: Arena, groups: BlockRef): BlockRef {
  const copy = emptyListLike(arena, groups);
  if (copy === 0) return 0;
  const count = wordAt(arena, groups, 0);
  for (let i = 1; i <= count; i++) {
    const group = copyGroup(arena, wordAt(arena, groups, i));
    if (group === 0) {
      freeGroups(arena, copy, new FreeBudget(Infinity));
      return 0;
    }
    setWordAt(arena, copy, i, group);
    setWordAt(arena, copy, 0, i);
  }
  return copy;
}

/** A list without records that has room for those of another one; 0: no memory. */
function emptyListLike(arena: Arena, list: BlockRef): BlockRef {
  const copy = arena.alloc(arena.blockBytes(list));
  if (copy !== 0) setWordAt(arena, copy, 0, 0);
  return copy;
}

function copyGroup(arena: Arena, group: GroupRef): GroupRef {
  const copy = copyBlock(arena, group);
  if (copy === 0) return 0;
  setWordAt(arena, copy, GroupWord.consumers, 0);
  setWordAt(arena, copy, GroupWord.place, 0);
  initIdTree(arena, pendingRootOf(copy));
  const copyOf = new Map<ConsumerRef, ConsumerRef>();
  if (copyConsumers(arena, group, copy, copyOf) && copyPending(arena, group, copy, copyOf)) return copy;
  freeGroup(arena, copy, new FreeBudget(Infinity));
  return 0;
}

/** Copies of all consumers, without pending entries. False: no memory; what has been copied is in the group. */
function copyConsumers(arena: Arena, from: GroupRef, to: GroupRef, copyOf: Map<ConsumerRef, ConsumerRef>): boolean {
  const consumers = wordAt(arena, from, GroupWord.consumers);
  if (consumers === 0) return true;
  const copies = emptyListLike(arena, consumers);
  if (copies === 0) return false;
  setWordAt(arena, to, GroupWord.consumers, copies);
  const count = wordAt(arena, consumers, 0);
  for (let i = 1; i <= count; i++) {
    const consumer = wordAt(arena, consumers, i);
    const copy = copyBlock(arena, consumer);
    if (copy === 0) return false;
    initIdTree(arena, pendingRootOf(copy));
    copyOf.set(consumer, copy);
    setWordAt(arena, copies, i, copy);
    setWordAt(arena, copies, 0, i);
  }
  return true;
}

/** Copies of all pending entries, for the copies of their owners. False as above. */
function copyPending(
  arena: Arena,
  from: GroupRef,
  to: GroupRef,
  copyOf: ReadonlyMap<ConsumerRef, ConsumerRef>,
): boolean {
  const walk = new IdWalk(arena);
  const tree = new IdTree(arena);
  for (let has = walk.seekFirst(pendingRootOf(from)); has; has = walk.next()) {
    const owner = copyOf.get(wordAt(arena, walk.value, 0))!;
    const copy = copyBlock(arena, walk.value);
    if (copy === 0) return false;
    setWordAt(arena, copy, 0, owner);
    if (!tree.set(pendingRootOf(to), walk.id, copy)) {
      arena.free(copy);
      return false;
    }
    if (!tree.set(pendingRootOf(owner), walk.id, copy)) return false;
  }
  return true;
}

/** Bytes of all blocks; of many groups, consumers or pending entries an estimate from a sample. */
export function groupsBytes(arena: Arena, groups: BlockRef): number {
  return listBytes(arena, groups, (group) => groupBytes(arena, group));
}

function groupBytes(arena: Arena, group: GroupRef): number {
  const consumers = wordAt(arena, group, GroupWord.consumers);
  const own = arena.blockBytes(group) + idTreeBytes(arena, pendingRootOf(group), () => pendingBytes);
  if (consumers === 0) return own;
  return (
    own +
    listBytes(arena, consumers, (consumer) => {
      return arena.blockBytes(consumer) + idTreeBytes(arena, pendingRootOf(consumer));
    })
  );
}

function listBytes(arena: Arena, list: BlockRef, bytesOf: (record: BlockRef) => number): number {
  const count = wordAt(arena, list, 0);
  const sampled = Math.min(count, sampledMax);
  let bytes = 0;
  for (let i = 1; i <= sampled; i++) bytes += bytesOf(wordAt(arena, list, i));
  return arena.blockBytes(list) + (sampled === 0 ? 0 : Math.round((bytes * count) / sampled));
}
