/**
 * The 24 bits in which an entry remembers its use, as Redis keeps them:
 *
 *   lru  seconds of the last access, modulo 2^24 (194 days)
 *   lfu  minutes of the last decay, modulo 2^16, above a logarithmic counter of 8 bits
 */
const lruMask = 0xff_ffff;
const lfuCounterInitial = 5;
export const lfuCounterMax = 255;

export type AccessPolicy = 'lru' | 'lfu';

export class AccessClock {
  #isLfu = false;
  #isFrozen = false;
  /** LRU, and use counts: what every lookup asks first. */
  isPlain = true;
  /** How many accesses the counter takes to rise: `lfu-log-factor`. */
  lfuLogFactor = 10;
  /** Minutes in which the counter falls by one; 0: never. `lfu-decay-time`. */
  lfuDecayMinutes = 1;
  /** Seconds and minutes of now, as entries hold them. */
  seconds = 0;
  minutes = 0;
  #chance: number;

  /** The seed decides which accesses count; any integer. */
  constructor(seed: number) {
    this.#chance = seed | 1;
  }

  get isLfu(): boolean {
    return this.#isLfu;
  }

  set isLfu(isLfu: boolean) {
    this.#isLfu = isLfu;
    this.isPlain = !isLfu && !this.#isFrozen;
  }

  /** Looking a key up is no use of it: CLIENT NO-TOUCH. */
  set isFrozen(isFrozen: boolean) {
    this.#isFrozen = isFrozen;
    this.isPlain = !isFrozen && !this.#isLfu;
  }

  setNow(nowMs: number): void {
    const seconds = Math.floor(nowMs / 1000);
    this.seconds = (seconds % 2 ** 24) & lruMask;
    this.minutes = (Math.floor(seconds / 60) % 2 ** 16) & 0xffff;
  }

  /** For an entry that is made now. */
  get fresh(): number {
    return this.#isLfu ? (this.minutes << 8) | lfuCounterInitial : this.seconds;
  }

  /** The bits of an entry that had `bits` and is looked up now. */
  found(bits: number): number {
    return this.#isFrozen ? bits : this.touched(bits);
  }

  /** The same of one whose value is replaced: as good as new under LRU, whoever does it. */
  replaced(bits: number): number {
    return this.#isFrozen && this.#isLfu ? bits : this.touched(bits);
  }

  /** The bits of an entry that had `bits` and is used now. */
  touched(bits: number): number {
    if (!this.#isLfu) return this.seconds;
    let counter = this.lfuCounter(bits);
    if (counter < lfuCounterMax) {
      const above = Math.max(0, counter - lfuCounterInitial);
      if (this.#random() * (above * this.lfuLogFactor + 1) < 1) counter++;
    }
    return (this.minutes << 8) | counter;
  }

  idleMs(bits: number): number {
    return ((this.seconds - bits) & lruMask) * 1000;
  }

  bitsOfIdle(idleMs: number): number {
    return (this.seconds - (Math.floor(idleMs / 1000) % 2 ** 24)) & lruMask;
  }

  /** The counter, less what it has lost since it was last written. */
  lfuCounter(bits: number): number {
    const counter = bits & 0xff;
    if (this.lfuDecayMinutes === 0) return counter;
    const elapsedMinutes = (this.minutes - (bits >>> 8)) & 0xffff;
    return Math.max(0, counter - Math.floor(elapsedMinutes / this.lfuDecayMinutes));
  }

  bitsOfCounter(counter: number): number {
    return (this.minutes << 8) | (counter & 0xff);
  }

  /** xorshift32, in [0, 1): which access counts is not a secret, and must not cost a call. */
  #random(): number {
    let x = this.#chance;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#chance = x;
    return (x >>> 0) / 2 ** 32;
  }
}
