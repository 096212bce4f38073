/** Damage to files and payloads, by a seed. */
import type { Prng } from '@kvartz/base';

/** First bytes of lengths, forms of strings, opcodes, packed elements: what changes most. */
const tellingBytes = [
  0, 1, 2, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xe0, 0xf0, 0xf4, 0xf7, 0xfa, 0xfc, 0xfe, 0xff,
];
const changesMax = 4;

function oneOf<T>(random: Prng, all: readonly T[]): T {
  return all[random.below(all.length)];
}

/** One to four changes behind the first `kept` bytes: of bytes, of lengths, pieces lost, doubled, or of another file. */
export function damaged(random: Prng, bytes: Uint8Array, other: Uint8Array, kept: number): Buffer {
  let result = Buffer.from(bytes);
  for (let left = 1 + random.below(changesMax); left > 0; left--) {
    if (result.length <= kept + 1) return result;
    const at = kept + random.below(result.length - kept);
    const length = Math.min(1 + random.below(random.chance(0.8) ? 8 : 300), result.length - at);
    switch (random.below(9)) {
      case 0:
        result[at] ^= 1 << random.below(8);
        break;
      case 1:
        result[at] = random.below(256);
        break;
      case 2:
      case 3:
        result[at] = oneOf(random, tellingBytes);
        break;
      case 4: {
        const large = Buffer.alloc(Math.min(9, result.length - at), 0xff);
        large[0] = oneOf(random, [0x80, 0x81]);
        large.copy(result, at);
        break;
      }
      case 5:
        result = Buffer.concat([result.subarray(0, at), result.subarray(at + length)]);
        break;
      case 6:
        result = Buffer.concat([result.subarray(0, at + length), result.subarray(at)]);
        break;
      case 7:
        result = result.subarray(0, at);
        break;
      default: {
        const from = random.below(other.length);
        result = Buffer.concat([result.subarray(0, at), other.subarray(from, from + length), result.subarray(at)]);
      }
    }
  }
  return result;
}
