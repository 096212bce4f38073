/*
 * Cells of a hash table, in words of 32 bits from `base` on: [ hash | entry ] each, entry 0: empty. Bit 0 of a hash is not part
 * of it.
 */

/** The cell in which a search for `hash` begins. Rises with the hash. The lowest bit plays no part. */
export function homeOf(hash: number, cells: number): number {
  if (cells <= 65_536) return Math.imul(hash >>> 16, cells) >>> 16;
  return Math.floor(((hash & ~1) >>> 0) * (cells / 2 ** 32));
}

/** The lowest hash whose home is `home` or later: 2^32 or more when there is none. */
export function firstHashOf(home: number, cells: number): number {
  if (cells <= 65_536) return Math.ceil((home * 65_536) / cells) * 65_536;
  let hash = Math.ceil(home / (cells / 2 ** 32));
  // Division rounds; the home decides.
  while (hash > 0 && homeOf(hash - 1, cells) >= home) hash--;
  while (hash < 2 ** 32 && homeOf(hash, cells) < home) hash++;
  return hash;
}

/** Homes rise with the hash, so this reads and writes from front to back. */
export function rehash(
  from: Uint32Array,
  fromBase: number,
  fromCells: number,
  to: Uint32Array,
  base: number,
  cells: number,
): void {
  const end = fromBase + fromCells * 2;
  for (let i = fromBase; i < end; i += 2) {
    const e = from[i + 1];
    if (e === 0) continue;
    const hash = from[i];
    let cell = homeOf(hash, cells);
    while (to[base + (cell << 1) + 1] !== 0) if (++cell === cells) cell = 0;
    to[base + (cell << 1)] = hash;
    to[base + (cell << 1) + 1] = e;
  }
}

/** Empties a cell and moves back what stands behind it and could stand there: no tombstones. */
export function closeGap(words: Uint32Array, base: number, cells: number, cell: number): void {
  let gap = cell;
  let i = cell;
  for (;;) {
    if (++i === cells) i = 0;
    const e = words[base + (i << 1) + 1];
    if (e === 0) break;
    const home = homeOf(words[base + (i << 1)], cells);
    // Cells from the home to i, and from the gap to i, going round the end.
    const fromHome = i >= home ? i - home : i - home + cells;
    const fromGap = i >= gap ? i - gap : i - gap + cells;
    if (fromHome < fromGap) continue;
    words[base + (gap << 1)] = words[base + (i << 1)];
    words[base + (gap << 1) + 1] = e;
    gap = i;
  }
  words[base + (gap << 1)] = 0;
  words[base + (gap << 1) + 1] = 0;
}
