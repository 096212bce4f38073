import { assert } from '../assert.ts';
import type { Prng } from '../prng.ts';

const sectorBytes = 512;
const nothing = new Uint8Array(0);

/**
 * The content of one file, as processes see it and as it would be after a loss of power. Files only grow at their end and
 * are cut, so both are the same up to a point:
 *
 *   now:      [ shared | written since ]
 *   durable:  [ shared | cut off since ]
 */
export class Inode {
  #bytes: Uint8Array = nothing;
  #sizeBytes = 0;
  #sharedBytes = 0;
  #durableRest: Uint8Array = nothing;
  /** A sync has failed: what it should have saved counts as saved, but is not (as on Linux). */
  #isDamaged = false;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The content now: a view, valid until the next change. */
  get content(): Uint8Array {
    return this.#bytes.subarray(0, this.#sizeBytes);
  }

  append(bytes: Uint8Array): void {
    this.#reserve(this.#sizeBytes + bytes.length);
    this.#bytes.set(bytes, this.#sizeBytes);
    this.#sizeBytes += bytes.length;
  }

  truncate(sizeBytes: number): void {
    if (sizeBytes > this.#sizeBytes) {
      this.append(new Uint8Array(sizeBytes - this.#sizeBytes));
      return;
    }
    // What a failed sync left behind is gone; what is written now is dirty again.
    if (sizeBytes <= this.#sharedBytes) this.#isDamaged = false;
    if (sizeBytes < this.#sharedBytes) {
      const cut = this.#bytes.subarray(sizeBytes, this.#sharedBytes);
      this.#durableRest = concat(cut, this.#durableRest);
      this.#sharedBytes = sizeBytes;
    }
    this.#sizeBytes = sizeBytes;
  }

  sync(): void {
    if (this.#isDamaged) return;
    this.#sharedBytes = this.#sizeBytes;
    this.#durableRest = nothing;
  }

  failSync(): void {
    this.#isDamaged = this.#sharedBytes < this.#sizeBytes || this.#durableRest.length > 0;
  }

  /** What is left after a loss of power: all that was synced, and by chance some of what was not, perhaps torn. */
  losePower(random: Prng): void {
    if (this.#durableRest.length > 0 && random.chance(0.5)) {
      this.#sizeBytes = this.#sharedBytes;
      this.append(this.#durableRest);
    } else {
      const keptBytes = random.below(this.#sizeBytes - this.#sharedBytes + 1);
      this.#sizeBytes = this.#sharedBytes + keptBytes;
      // The size may have been saved before the last sectors were.
      if (keptBytes > 0 && random.chance(0.3)) {
        const tornBytes = 1 + random.below(Math.min(keptBytes, sectorBytes));
        this.#bytes.fill(0, this.#sizeBytes - tornBytes, this.#sizeBytes);
      }
    }
    this.#isDamaged = false;
    this.sync();
  }

  #reserve(sizeBytes: number): void {
    assert(Number.isSafeInteger(sizeBytes), `a file of ${sizeBytes} bytes`);
    if (sizeBytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(sizeBytes, this.#bytes.length * 2, 256));
    grown.set(this.content);
    this.#bytes = grown;
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
