/**
 * A number with so many decimals (1 to 20), as C's `%.*f` prints it: like `toFixed`, but a number that is exactly between two
 * such decimals goes to the even one, large ones are printed in full, and -0 keeps its sign.
 */
export function withDecimals(n: number, count: number): string {
  if (!Number.isFinite(n)) return n > 0 ? 'inf' : '-inf';
  if (Math.abs(n) >= 1e21) return `${BigInt(n)}.${'0'.repeat(count)}`;
  const rounded = Object.is(n, -0) ? `-${n.toFixed(count)}` : n.toFixed(count);
  // Halfway are the numbers whose last bit stands for 2^-(count + 1): they have one decimal more, and it is 5.
  const doubled = n * 2 ** count;
  if (!Number.isInteger(doubled * 2) || Number.isInteger(doubled)) return rounded;
  const exact = n.toFixed(count + 1);
  return Number(exact.at(-2)) % 2 === 0 ? exact.slice(0, -1) : rounded;
}

/** A coordinate with 17 decimals and no zeros at the end: C's `%.17Lf` as Redis shortens it. */
export function coordinateText(n: number): string {
  const text = withDecimals(n, 17);
  let end = text.length;
  while (text.charCodeAt(end - 1) === 0x30) end--;
  if (text.charCodeAt(end - 1) === 0x2e) end--;
  const shortened = text.slice(0, end);
  return shortened === '-0' ? '0' : shortened;
}
