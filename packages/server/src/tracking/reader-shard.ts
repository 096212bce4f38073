import { type ByteBuffer, latin1Of } from '@kvartz/base';

/** The client, or the clients, by id. */
export type Readers = number | Set<number>;

const cellsMin = 16;

/**
 * One part of the table of keys and their readers: open addressing with linear probing, at most three quarters full. A key
 * is found by its bytes; a string of one character per byte is made of it only when it comes in. (With a Map of strings
 * making and hashing the string was half of a tracked GET.)
 */
export class ReaderShard {
  count = 0;
  #mask = cellsMin - 1;
  #hashes = new Int32Array(cellsMin);
  #names: (string | undefined)[] = emptyCells(cellsMin);
  #readers: Readers[] = zeros(cellsMin);

  /** The cell of the key, or -1. */
  find(hash: number, { u8 }: ByteBuffer, start: number, end: number): number {
    const mask = this.#mask;
    for (let cell = hash & mask; ; cell = (cell + 1) & mask) {
      const name = this.#names[cell];
      if (name === undefined) return -1;
      if (this.#hashes[cell] === hash && isSame(name, u8, start, end)) return cell;
    }
  }

  nameAt(cell: number): string {
    return this.#names[cell]!;
  }

  readersAt(cell: number): Readers {
    return this.#readers[cell];
  }

  setReadersAt(cell: number, readers: Readers): void {
    this.#readers[cell] = readers;
  }

  /** The key must not be there. */
  add(hash: number, key: ByteBuffer, start: number, end: number, readers: Readers): void {
    if ((this.count + 1) * 4 > (this.#mask + 1) * 3) this.#resize((this.#mask + 1) * 2);
    this.#put(hash, latin1Of(key.u8, start, end), readers);
    this.count++;
  }

  #put(hash: number, name: string, readers: Readers): void {
    let cell = hash & this.#mask;
    while (this.#names[cell] !== undefined) cell = (cell + 1) & this.#mask;
    this.#hashes[cell] = hash;
    this.#names[cell] = name;
    this.#readers[cell] = readers;
  }

  remove(cell: number): void {
    const mask = this.#mask;
    this.count--;
    // What has been pushed on by this one moves back, so that no search ends at the gap.
    let gap = cell;
    for (let next = (gap + 1) & mask; this.#names[next] !== undefined; next = (next + 1) & mask) {
      const home = this.#hashes[next] & mask;
      if (((next - home) & mask) < ((next - gap) & mask)) continue;
      this.#hashes[gap] = this.#hashes[next];
      this.#names[gap] = this.#names[next];
      this.#readers[gap] = this.#readers[next];
      gap = next;
    }
    this.#names[gap] = undefined;
    this.#readers[gap] = 0;
    if (mask >= cellsMin && this.count * 8 < mask) this.#resize((mask + 1) / 2);
  }

  /** The first cell with a key from a place on that `random` (32 bits) chooses; there must be one. */
  anyCell(random: number): number {
    let cell = random & this.#mask;
    while (this.#names[cell] === undefined) cell = (cell + 1) & this.#mask;
    return cell;
  }

  clear(): void {
    this.count = 0;
    this.#allocate(cellsMin);
  }

  #resize(cells: number): void {
    const [hashes, names, readers] = [this.#hashes, this.#names, this.#readers];
    this.#allocate(cells);
    for (const [i, name] of names.entries()) if (name !== undefined) this.#put(hashes[i], name, readers[i]);
  }

  #allocate(cells: number): void {
    this.#mask = cells - 1;
    this.#hashes = new Int32Array(cells);
    this.#names = emptyCells(cells);
    this.#readers = zeros(cells);
  }
}

function emptyCells(count: number): undefined[] {
  return Array.from({ length: count }, () => undefined);
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}

function isSame(name: string, u8: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== u8[start + i]) return false;
  return true;
}
