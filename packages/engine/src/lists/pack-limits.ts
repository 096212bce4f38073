/** What `list-max-listpack-size` means: positive: elements of one pack; -1 to -5: 4 to 64 KiB. */
export class PackLimits {
  bytesMax = 0;
  countMax = 0;
  /** What a list that has become shorter may measure to be one pack again: half, as in Redis 7.2, against flapping. */
  shrunkBytesMax = 0;
  shrunkCountMax = 0;
  #setting = 0;

  set(setting: number): void {
    if (setting === this.#setting) return;
    this.#setting = setting;
    const isCount = setting >= 0;
    this.bytesMax = isCount ? countedBytesMax : 4096 << (Math.min(-setting, 5) - 1);
    this.countMax = isCount ? Math.max(setting, 1) : Infinity;
    this.shrunkBytesMax = isCount ? Infinity : this.bytesMax / 2;
    this.shrunkCountMax = Math.floor(this.countMax / 2);
  }
}

/** Packs that are limited by their number of elements are limited to this, too (Redis: SIZE_SAFETY_LIMIT). */
const countedBytesMax = 8192;
