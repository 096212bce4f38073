/** The start of a line that the end of a chunk has cut: `u8[0, sizeBytes)`. */
const carriageReturn = 0x0d;
const keptBytesMax = 4096;

export class CutLine {
  u8: Uint8Array = new Uint8Array(64);
  sizeBytes = 0;

  append(u8: Uint8Array, start: number, end: number): void {
    const needBytes = this.sizeBytes + (end - start);
    if (needBytes > this.u8.length) {
      const longer = new Uint8Array(needBytes * 2);
      longer.set(this.u8.subarray(0, this.sizeBytes));
      this.u8 = longer;
    }
    for (let i = start, j = this.sizeBytes; i < end; i++, j++) this.u8[j] = u8[i];
    this.sizeBytes = needBytes;
  }

  /**
   * Takes what belongs to the line from the chunk `u8[start, end)` and returns the end of that. After a CR one byte more
   * decides; of a line that gets longer than `lineBytesMax`, enough is taken to see that it is.
   */
  take(u8: Uint8Array, start: number, end: number, lineBytesMax: number): number {
    let i = start;
    if (this.u8[this.sizeBytes - 1] !== carriageReturn) {
      const searchEnd = Math.min(end, start + lineBytesMax - this.sizeBytes);
      while (i < searchEnd && u8[i] !== carriageReturn) i++;
      if (i < end) i++;
    }
    const takeEnd = Math.min(i + 1, end);
    this.append(u8, start, takeEnd);
    return takeEnd;
  }

  /** Its end has come, or it is too long: it can be read. */
  isReadable(lineBytesMax: number): boolean {
    return this.sizeBytes > lineBytesMax || (this.sizeBytes > 1 && this.u8[this.sizeBytes - 2] === carriageReturn);
  }

  clear(): void {
    this.sizeBytes = 0;
    if (this.u8.length > keptBytesMax) this.u8 = new Uint8Array(64);
  }
}
