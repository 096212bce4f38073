import { type ByteBuffer, latin1Of } from '@kvartz/base';

const cellsMin = 16;

/**
 * One part of a ByteKeyMap: open addressing with linear probing, at most three quarters full. A key is found by its bytes; a
 * string of one character per byte is made of it only when it comes in. (With a Map of strings, making and hashing the
 * string was half of a tracked GET.)
 */
export class ByteKeyShard<V> {
  count = 0;
  #mask = cellsMin - 1;
  #hashes = new Int32Array(cellsMin);
  #names: (string | undefined)[] = emptyCells(cellsMin);
  #values: (V | undefined)[] = emptyCells(cellsMin);

  get(hash: number, key: ByteBuffer, start: number, end: number): V | undefined {
    const cell = this.#find(hash, key, start, end);
    return cell < 0 ? undefined : this.#values[cell];
  }

  /** The cell of the key, or -1. */
  #find(hash: number, { u8 }: ByteBuffer, start: number, end: number): number {
    const mask = this.#mask;
    for (let cell = hash & mask; ; cell = (cell + 1) & mask) {
      const name = this.#names[cell];
      if (name === undefined) return -1;
      if (this.#hashes[cell] === hash && isSame(name, u8, start, end)) return cell;
    }
  }

  set(hash: number, key: ByteBuffer, start: number, end: number, value: V): void {
    const cell = this.#find(hash, key, start, end);
    if (cell >= 0) {
      this.#values[cell] = value;
      return;
    }
    if ((this.count + 1) * 4 > (this.#mask + 1) * 3) this.#resize((this.#mask + 1) * 2);
    this.#put(hash, latin1Of(key.u8, start, end), value);
    this.count++;
  }

  #put(hash: number, name: string, value: V | undefined): void {
    let cell = hash & this.#mask;
    while (this.#names[cell] !== undefined) cell = (cell + 1) & this.#mask;
    this.#hashes[cell] = hash;
    this.#names[cell] = name;
    this.#values[cell] = value;
  }

  delete(hash: number, key: ByteBuffer, start: number, end: number): boolean {
    const mask = this.#mask;
    let gap = this.#find(hash, key, start, end);
    if (gap < 0) return false;
    this.count--;
    // What has been pushed on by this one moves back, so that no search ends at the gap.
    for (let next = (gap + 1) & mask; this.#names[next] !== undefined; next = (next + 1) & mask) {
      const home = this.#hashes[next] & mask;
      if (((next - home) & mask) < ((next - gap) & mask)) continue;
      this.#hashes[gap] = this.#hashes[next];
      this.#names[gap] = this.#names[next];
      this.#values[gap] = this.#values[next];
      gap = next;
    }
    this.#names[gap] = undefined;
    this.#values[gap] = undefined;
    if (mask >= cellsMin && this.count * 8 < mask) this.#resize((mask + 1) / 2);
    return true;
  }

  /** The first key from a place on that `random` (32 bits) chooses; there must be one. */
  anyKey(random: number): string {
    let cell = random & this.#mask;
    while (this.#names[cell] === undefined) cell = (cell + 1) & this.#mask;
    return this.#names[cell]!;
  }

  *keys(): Generator<string> {
    for (const name of this.#names) if (name !== undefined) yield name;
  }

  clear(): void {
    this.count = 0;
    this.#allocate(cellsMin);
  }

  #resize(cells: number): void {
    const [hashes, names, values] = [this.#hashes, this.#names, this.#values];
    this.#allocate(cells);
    for (const [i, name] of names.entries()) if (name !== undefined) this.#put(hashes[i], name, values[i]);
  }

  #allocate(cells: number): void {
    this.#mask = cells - 1;
    this.#hashes = new Int32Array(cells);
    this.#names = emptyCells(cells);
    this.#values = emptyCells(cells);
  }
}

function emptyCells(count: number): undefined[] {
  return Array.from({ length: count }, () => undefined);
}

function isSame(name: string, u8: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== u8[start + i]) return false;
  return true;
}
