import { crowdSize } from './blocking-turns.ts';
import type { Turn } from './crowd.ts';
import { Dice } from './dice.ts';
import type { Request } from './pipeline.ts';

const keys = ['a', 'b', 'c'];

/** Turns of a crowd around few keys: some wait for entries of streams, others add them, and make and unmake the streams. */
export function streamTurns(seed: number, count: number): Turn[] {
  const dice = new Dice(seed);
  const clock = { ms: 1 };
  return Array.from({ length: count }, () => ({ who: dice.below(crowdSize), requests: requestsOf(dice, clock) }));
}

interface StreamClock {
  ms: number;
}

function requestsOf(dice: Dice, clock: StreamClock): Request[] {
  const roll = dice.below(100);
  if (roll < 40) return [reading(dice, clock)];
  if (roll < 75) return [acting(dice, clock)];
  if (roll < 88) {
    const count = 1 + dice.below(5);
    const queue = Array.from({ length: count }, () => (dice.chance(0.2) ? reading(dice, clock) : adding(dice, clock)));
    return [['MULTI'], ...queue, ['EXEC']];
  }
  if (roll < 92) return [reading(dice, clock), acting(dice, clock), reading(dice, clock)];
  if (roll < 95) return [['CLIENT', 'UNBLOCK', `<id ${dice.below(crowdSize)}>`, dice.oneOf(['TIMEOUT', 'ERROR'])]];
  if (roll < 97) return [['HELLO', dice.oneOf(['2', '3'])]];
  if (roll < 98) return [['SELECT', String(dice.below(2))]];
  return [];
}

function reading(dice: Dice, clock: StreamClock): Request {
  const several = Array.from({ length: 1 + dice.below(3) }, () => dice.oneOf(keys));
  const ids = several.map(() => (dice.chance(0.6) ? '$' : String(dice.below(clock.ms + 5))));
  const count = dice.chance(0.3) ? ['COUNT', String(dice.below(3))] : [];
  return ['XREAD', ...count, 'BLOCK', '0', 'STREAMS', ...several, ...ids];
}

/**
 * The last entry of a stream is never removed: what Redis 7.0 tells a reader who was woken by an entry that is gone again, it has
 * not told since 7.2. In a transaction nothing else takes place, because to Redis 7.0 a stream that goes is as one that comes.
 */
function adding(dice: Dice, clock: StreamClock): Request {
  const [key, other] = [dice.oneOf(keys), dice.oneOf(keys)];
  const roll = dice.below(14);
  if (roll < 2) return ['XTRIM', key, 'MAXLEN', '1'];
  if (roll < 4) return ['COPY', key, other];
  clock.ms += dice.below(2);
  const trim = dice.chance(0.2) ? ['MAXLEN', String(1 + dice.below(3))] : [];
  return ['XADD', key, ...trim, `${clock.ms}-*`, 'n', String(dice.below(100))];
}

function acting(dice: Dice, clock: StreamClock): Request {
  if (dice.chance(0.7)) return adding(dice, clock);
  const [key, other] = [dice.oneOf(keys), dice.oneOf(keys)];
  return dice.oneOf([
    ['RENAME', key, other],
    ['RENAME', key, other],
    ['DEL', key],
    ['DEL', key],
    ['SET', key, 'x'],
    ['RPUSH', key, 'x'],
    ['MOVE', key, '1'],
    ['MOVE', key, '0'],
    ['FLUSHALL'],
  ]);
}
