import { crowdSize } from './blocking-turns.ts';
import type { Turn } from './crowd.ts';
import { Dice } from './dice.ts';
import type { Request } from './pipeline.ts';

const keys = ['a', 'b', 'c'];
const groups = ['g', 'g', 'h'];
const consumers = ['x', 'y'];

interface StreamClock {
  ms: number;
}

/** Turns of a crowd around few streams: consumers wait for entries, others add them and make and unmake groups. */
export function groupTurns(seed: number, count: number): Turn[] {
  const dice = new Dice(seed);
  const clock = { ms: 1 };
  return Array.from({ length: count }, () => ({ who: dice.below(crowdSize), requests: requestsOf(dice, clock) }));
}

/** docs/differences.md: what is told of a stream or a group that goes. */
export function withoutReasons(reply: string): string {
  return reply.replace(/-(?:UNBLOCKED the|NOGROUP|WRONGTYPE)[^\r]*/g, '-gone');
}

function requestsOf(dice: Dice, clock: StreamClock): Request[] {
  const roll = dice.below(100);
  if (roll < 35) return [reading(dice)];
  if (roll < 80) return [acting(dice, clock)];
  if (roll < 88) {
    const count = 1 + dice.below(5);
    const queue = Array.from({ length: count }, () => (dice.chance(0.2) ? reading(dice) : adding(dice, clock)));
    return [['MULTI'], ...queue, ['EXEC']];
  }
  if (roll < 93) return [reading(dice), acting(dice, clock), reading(dice)];
  if (roll < 96) return [['CLIENT', 'UNBLOCK', `<id ${dice.below(crowdSize)}>`, dice.oneOf(['TIMEOUT', 'ERROR'])]];
  if (roll < 98) return [['HELLO', dice.oneOf(['2', '3'])]];
  return [];
}

function reading(dice: Dice): Request {
  const several = Array.from({ length: 1 + dice.below(2) }, () => dice.oneOf(keys));
  const options = [...(dice.chance(0.3) ? ['COUNT', '1'] : []), ...(dice.chance(0.2) ? ['NOACK'] : [])];
  const streams = ['STREAMS', ...several, ...several.map(() => (dice.chance(0.05) ? '0' : '>'))];
  return ['XREADGROUP', 'GROUP', dice.oneOf(groups), dice.oneOf(consumers), ...options, 'BLOCK', '0', ...streams];
}

function adding(dice: Dice, clock: StreamClock): Request {
  const key = dice.oneOf(keys);
  clock.ms += dice.below(2);
  return ['XADD', key, `${clock.ms}-*`, 'n', String(dice.below(100))];
}

function acting(dice: Dice, clock: StreamClock): Request {
  const [key, other, group] = [dice.oneOf(keys), dice.oneOf(keys), dice.oneOf(groups)];
  const roll = dice.below(20);
  if (roll < 8) return adding(dice, clock);
  if (roll < 13) return ['XGROUP', 'CREATE', key, group, dice.oneOf(['0', '$']), 'MKSTREAM'];
  return dice.oneOf([
    ['XGROUP', 'DESTROY', key, group],
    ['XGROUP', 'DELCONSUMER', key, group, dice.oneOf(consumers)],
    ['XGROUP', 'SETID', key, group, '$'],
    ['XPENDING', key, group],
    ['XACK', key, group, String(clock.ms)],
    ['XINFO', 'GROUPS', key],
    ['RENAME', key, other],
    ['DEL', key],
    ['SET', key, 'x'],
    ['COPY', key, other, 'REPLACE'],
    ['FLUSHALL'],
  ]);
}
