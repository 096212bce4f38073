import type { Turn } from './crowd.ts';
import { Dice } from './dice.ts';
import type { Request } from './pipeline.ts';

export const crowdSize = 6;
const keys = ['a', 'b', 'c', 'd'];

/** Turns of a crowd around few keys: some wait for lists and sorted sets, others make and unmake them. */
export function blockingTurns(seed: number, count: number): Turn[] {
  const dice = new Dice(seed);
  return Array.from({ length: count }, () => ({ who: dice.below(crowdSize), requests: requestsOf(dice) }));
}

function requestsOf(dice: Dice): Request[] {
  const roll = dice.below(100);
  if (roll < 40) return [waiting(dice)];
  if (roll < 70) return [acting(dice)];
  if (roll < 75) return storing(dice);
  if (roll < 88) {
    const queue = Array.from({ length: 1 + dice.below(5) }, () => (dice.chance(0.1) ? waiting(dice) : acting(dice)));
    return [['MULTI'], ...queue, ['EXEC']];
  }
  if (roll < 92) return [waiting(dice), acting(dice), waiting(dice)];
  if (roll < 96) return [['CLIENT', 'UNBLOCK', `<id ${dice.below(crowdSize)}>`, dice.oneOf(['TIMEOUT', 'ERROR'])]];
  if (roll < 98) return [['SELECT', String(dice.below(2))]];
  return [];
}

function waiting(dice: Dice): Request {
  const [key, other] = [dice.oneOf(keys), dice.oneOf(keys)];
  const several = Array.from({ length: 1 + dice.below(3) }, () => dice.oneOf(keys));
  const counted = [String(several.length), ...several];
  switch (dice.below(7)) {
    case 0:
      return [dice.oneOf(['BLPOP', 'BRPOP']), ...several, '0'];
    case 1:
      return ['BLMOVE', key, other, side(dice), side(dice), '0'];
    case 2:
      return ['BRPOPLPUSH', key, other, '0'];
    case 3:
      return ['BLMPOP', '0', ...counted, side(dice)];
    case 4:
      return ['BLMPOP', '0', ...counted, side(dice), 'COUNT', String(1 + dice.below(3))];
    case 5:
      return [dice.oneOf(['BZPOPMIN', 'BZPOPMAX']), ...several, '0'];
    default:
      return ['BZMPOP', '0', ...counted, dice.oneOf(['MIN', 'MAX']), 'COUNT', String(1 + dice.below(3))];
  }
}

function acting(dice: Dice): Request {
  const [key, other] = [dice.oneOf(keys), dice.oneOf(keys)];
  const elements = Array.from({ length: 1 + dice.below(3) }, () => String(dice.below(100)));
  switch (dice.below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      return [dice.oneOf(['LPUSH', 'RPUSH']), key, ...elements];
    case 6:
    case 7:
    case 8:
    case 9:
      return ['ZADD', key, ...elements.flatMap((element) => [element, `m${element}`])];
    case 10:
      return [dice.oneOf(['LPOP', 'RPOP', 'ZPOPMIN']), key];
    case 11:
      return ['LMOVE', key, other, side(dice), side(dice)];
    case 12:
      return ['RENAME', key, other];
    case 13:
      return ['COPY', key, other];
    case 14:
      return ['DEL', key];
    default:
      return dice.oneOf([['SET', key, 'x'], ['SADD', key, 'x'], ['MOVE', key, '1'], ['MOVE', key, '0'], ['FLUSHALL']]);
  }
}

/** The target is deleted first: Redis 7.0 wakes nobody where a list takes the place of a string. */
function storing(dice: Dice): Request[] {
  const [key, other, target] = [dice.oneOf(keys), dice.oneOf(keys), dice.oneOf(keys)];
  return [
    ['DEL', target],
    ['ZUNIONSTORE', target, '2', key, other],
  ];
}

function side(dice: Dice): string {
  return dice.oneOf(['LEFT', 'RIGHT']);
}
