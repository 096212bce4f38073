import type { Arena } from '@kvartz/engine';

/** Why something must go: nothing must, too many bytes are in use, or they lie so that a block finds no room. */
export type Excess = 'none' | 'bytes' | 'room';

/**
 * What `maxmemory` allows. It limits the memory that the arena takes from the system, which evicting does not give back, so
 * two questions are asked before a command: is there too much data, and is there room for a block as large as the command
 * may want among the pages that are taken already, or below the limit?
 *
 *   |--------- data (used_memory) ---------|-- free --|  slack  |
 *   0                                          residentMax   maxmemory
 *
 * The slack is for blocks that no command announced: tables that grow, collections that change their encoding. What these
 * take beyond `residentMaxBytes` is paid with four times as much less data, until an eighth of `maxmemory` is free pages, so
 * that there will be room for the next ones; but with no less than half of `maxmemory`: a cache that is half empty is worse
 * than a process that is larger.
 */
export class MemoryLimit {
  /** `maxmemory`; Infinity: none. */
  limitBytes = Infinity;
  readonly #arena: Arena;
  /** What the arena may take from the system: most of `maxmemory`, or what it had taken when that was set. */
  #residentMaxBytes = Infinity;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  configure(maxmemoryBytes: number): void {
    const limitBytes = maxmemoryBytes === 0 ? Infinity : maxmemoryBytes;
    if (limitBytes === this.limitBytes) return;
    this.limitBytes = limitBytes;
    this.#residentMaxBytes = Math.max(this.#residentGoalBytes, this.#arena.residentBytes);
  }

  /** Memory that was given back to the system is not taken again. */
  settle(): void {
    this.#residentMaxBytes = Math.max(
      this.#residentGoalBytes,
      Math.min(this.#residentMaxBytes, this.#arena.residentBytes),
    );
  }

  /** Whether `needBytes` more can be used, the largest of them a block of `blockBytes` (0: none in particular). */
  excessOf(needBytes: number, blockBytes: number): Excess {
    const arena = this.#arena;
    const { limitBytes } = this;
    const usedBytes = arena.usedBytes;
    const leastBytes = limitBytes * leastDataRatio;
    const usedMaxBytes = Math.max(leastBytes, limitBytes - slackPrice * this.#lackingBytes());
    if (usedBytes + needBytes > usedMaxBytes) return 'bytes';
    if (blockBytes === 0 || usedBytes <= leastBytes || this.hasRoom(blockBytes)) return 'none';
    return 'room';
  }

  hasRoom(blockBytes: number): boolean {
    return this.#arena.hasRoom(blockBytes, this.#residentMaxBytes);
  }

  /** What was taken from the system beyond the allowed, unless there is much free space in what is taken. */
  #lackingBytes(): number {
    const residentBytes = this.#arena.residentBytes;
    const beyondBytes = residentBytes - this.#residentMaxBytes;
    if (beyondBytes <= 0) return 0;
    const freeBytes = residentBytes - this.#arena.reservedBytes;
    return Math.max(0, Math.min(beyondBytes, this.limitBytes * freeRatio - freeBytes));
  }

  get #residentGoalBytes(): number {
    return this.limitBytes - this.limitBytes * slackRatio + smallSlackBytes;
  }
}

const slackRatio = 1 / 16;
const slackPrice = 4;
/** With so much of `maxmemory` in free pages there will be room. */
const freeRatio = 1 / 8;
const leastDataRatio = 1 / 2;
/** With a limit of a few megabytes the slabs of all size classes, each with few blocks, would be most of the data. */
const smallSlackBytes = 512 * 1024;
