/** A place takes: the name (two words), the value (two words), the time of expiry (one word), the kind, and whether B has it. */
const wordsEach = 7;
const Word = { name: 0, value: 2, expiry: 4, kind: 5, seen: 6 } as const;

export type Comparison = 'absent' | 'same' | 'kind' | 'value' | 'expiry';

/**
 * What is known of the keys of one file, in 28 bytes each at best: 64 bits of a digest of name and value. So two keys out of a
 * hundred million are taken for one with a probability of about 0.0003.
 */
export class DigestTable {
  count = 0;
  /** Keys that no comparison has met. */
  unseen = 0;
  #words = new Uint32Array(wordsEach * 1024);
  #capacity = 1024;

  add(name: Buffer, value: Buffer, expiry: number, kind: number): void {
    if (this.count * 2 >= this.#capacity) this.#grow();
    const words = this.#words;
    const at = this.#find(low(name), high(name));
    if (words[at + Word.kind] === 0) {
      this.count++;
      this.unseen++;
    }
    words[at] = low(name);
    words[at + 1] = high(name);
    words[at + Word.value] = low(value);
    words[at + Word.value + 1] = high(value);
    words[at + Word.expiry] = expiry;
    words[at + Word.kind] = kind;
  }

  /** What is different about this key of the other file. */
  compare(name: Buffer, value: Buffer, expiry: number, kind: number): Comparison {
    const words = this.#words;
    const at = this.#find(low(name), high(name));
    if (words[at + Word.kind] === 0) return 'absent';
    if (words[at + Word.seen] === 0) this.unseen--;
    words[at + Word.seen] = 1;
    if (words[at + Word.kind] !== kind) return 'kind';
    if (words[at + Word.value] !== low(value) || words[at + Word.value + 1] !== high(value)) return 'value';
    return words[at + Word.expiry] === expiry ? 'same' : 'expiry';
  }

  /** The kind of a key that is here. */
  kindOf(name: Buffer): number {
    return this.#words[this.#find(low(name), high(name)) + Word.kind]!;
  }

  isSeen(name: Buffer): boolean {
    return this.#words[this.#find(low(name), high(name)) + Word.seen] === 1;
  }

  /** Where the name stands, or would. */
  #find(nameLow: number, nameHigh: number): number {
    const words = this.#words;
    for (let place = nameLow & (this.#capacity - 1); ; place = (place + 1) & (this.#capacity - 1)) {
      const at = place * wordsEach;
      if (words[at + Word.kind] === 0 || (words[at] === nameLow && words[at + 1] === nameHigh)) return at;
    }
  }

  #grow(): void {
    const old = this.#words;
    this.#capacity *= 2;
    this.#words = new Uint32Array(this.#capacity * wordsEach);
    for (let at = 0; at < old.length; at += wordsEach) {
      if (old[at + Word.kind] === 0) continue;
      this.#words.set(old.subarray(at, at + wordsEach), this.#find(old[at]!, old[at + 1]!));
    }
  }
}

function low(digest: Buffer): number {
  return digest.readUInt32LE(0);
}

function high(digest: Buffer): number {
  return digest.readUInt32LE(4);
}
