/** A run of bytes that both strings share and that belongs to the subsequence. */
export interface LcsMatch {
  readonly aStart: number;
  readonly bStart: number;
  readonly length: number;
}

/**
 * Longest common subsequence of two byte strings by dynamic programming.
 *
 *   cell(i, j) = length for a[0, i) and b[0, j):    0                                    in row 0 and column 0
 *                                                   cell(i-1, j-1) + 1                   where a[i-1] = b[j-1]
 *                                                   max(cell(i-1, j), cell(i, j-1))      elsewhere
 *
 * Cells are 16-bit: the caller bounds the product of the lengths, hence the shorter one, far below 65,536.
 */
export class LcsTable {
  readonly #a: Uint8Array;
  readonly #b: Uint8Array;
  readonly #width: number;
  readonly #cells: Uint16Array;

  constructor(a: Uint8Array, b: Uint8Array) {
    this.#a = a;
    this.#b = b;
    this.#width = b.length + 1;
    this.#cells = new Uint16Array((a.length + 1) * this.#width);
    for (let i = 1; i <= a.length; i++) fillRow(this.#cells, i * this.#width, this.#width, a[i - 1], b);
  }

  get length(): number {
    return this.#cells[this.#cells.length - 1];
  }

  /** One of the longest; the one that Redis finds. */
  text(): Uint8Array {
    const text = new Uint8Array(this.length);
    let end = text.length;
    for (const { aStart, length } of this.matches()) {
      end -= length;
      text.set(this.#a.subarray(aStart, aStart + length), end);
    }
    return text;
  }

  /** Runs from the end of the strings to their beginning. On a tie the walk goes back in `b`, as Redis's does. */
  matches(): LcsMatch[] {
    const matches: LcsMatch[] = [];
    let i = this.#a.length;
    let j = this.#b.length;
    let length = 0;
    while (i > 0 && j > 0) {
      if (this.#a[i - 1] === this.#b[j - 1]) {
        length++;
        i--;
        j--;
        continue;
      }
      if (length > 0) matches.push({ aStart: i, bStart: j, length });
      length = 0;
      const at = i * this.#width + j;
      if (this.#cells[at - this.#width] > this.#cells[at - 1]) i--;
      else j--;
    }
    if (length > 0) matches.push({ aStart: i, bStart: j, length });
    return matches;
  }
}

function fillRow(cells: Uint16Array, at: number, width: number, byte: number, b: Uint8Array): void {
  let left = 0;
  let diagonal = 0;
  for (let j = 1; j < width; j++) {
    const above = cells[at - width + j];
    if (byte === b[j - 1]) left = diagonal + 1;
    else if (above > left) left = above;
    cells[at + j] = left;
    diagonal = above;
  }
}
