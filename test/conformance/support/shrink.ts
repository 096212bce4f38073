/**
 * A short part of `list` that still fails (not the shortest): pieces are left out, large ones first, as long as the rest
 * fails.
 */
export async function shrink<T>(
  list: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
  triesMax = 400,
): Promise<readonly T[]> {
  let current = list;
  let tries = 0;
  for (let size = Math.ceil(current.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < current.length && tries < triesMax;) {
      const part = [...current.slice(0, at), ...current.slice(at + size)];
      tries++;
      if (part.length > 0 && (await fails(part))) current = part;
      else at += size;
    }
  }
  return current;
}
