import { ByteBuffer, copyBytes } from '@kvartz/base';
import type { Span } from '@kvartz/engine';

/** Room that is kept from one search to the next. */
export const pointsKept = 4096;
const memberBytesKept = 256 * 1024;

/** What a search has found, with copies of the members: the walk that finds them shows each for a moment only. */
export class FoundPoints {
  count = 0;
  /** Metres from the centre. */
  distances = new Float64Array(256);
  scores = new Float64Array(256);
  /** Member i is `members.u8[memberEnds[i - 1], memberEnds[i])`. */
  memberEnds = new Float64Array(256);
  members = new ByteBuffer(8192);

  /** Forgets all, and gives back what only a large search needs. */
  clear(): void {
    this.count = 0;
    if (this.distances.length > pointsKept) this.#resize(256);
    if (this.members.sizeBytes > memberBytesKept) this.members = new ByteBuffer(8192);
  }

  /** Throws a RangeError when there is no memory. */
  add(member: Span, score: number, distance: number): void {
    const i = this.count;
    if (i === this.distances.length) this.#resize(i * 2);
    const start = this.memberStart(i);
    const end = start + member.end - member.start;
    if (end > this.members.sizeBytes) this.#growMembers(end);
    copyBytes(member.buffer, member.start, member.end, this.members, start);
    this.distances[i] = distance;
    this.scores[i] = score;
    this.memberEnds[i] = end;
    this.count = i + 1;
  }

  memberStart(i: number): number {
    return i === 0 ? 0 : this.memberEnds[i - 1];
  }

  #resize(length: number): void {
    this.distances = resized(this.distances, length);
    this.scores = resized(this.scores, length);
    this.memberEnds = resized(this.memberEnds, length);
  }

  #growMembers(bytes: number): void {
    const grown = new ByteBuffer(Math.max(bytes, this.members.sizeBytes * 2));
    grown.u8.set(this.members.u8.subarray(0, this.memberStart(this.count)));
    this.members = grown;
  }
}

function resized(from: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(length);
  to.set(from.length > length ? from.subarray(0, length) : from);
  return to;
}
