import type { Turn } from './crowd.ts';
import { Dice } from './dice.ts';
import type { Request } from './pipeline.ts';

const keys = ['a', 'b', 'ab', 'b:1', 'c'];
const prefixes = ['a', 'b', 'b:', 'c', ''];

/**
 * Turns of a crowd in which some cache what they read, in all modes, and others change it. The last connection only listens:
 * to one that runs a command of its own, Redis 7.0 sends what is redirected to it in the midst of the reply.
 */
export function trackingTurns(seed: number, count: number, crowdSize: number): Turn[] {
  const dice = new Dice(seed);
  return Array.from({ length: count }, () => {
    const who = dice.below(crowdSize);
    return { who, requests: who === crowdSize - 1 ? listening(dice) : requestsOf(dice, crowdSize) };
  });
}

function requestsOf(dice: Dice, crowdSize: number): Request[] {
  const roll = dice.below(100);
  if (roll < 30) return some(dice, () => reading(dice));
  if (roll < 60) return some(dice, () => changing(dice));
  if (roll < 75) return [switching(dice, crowdSize)];
  if (roll < 80) return [['CLIENT', 'CACHING', dice.oneOf(['YES', 'NO'])], ...some(dice, () => reading(dice))];
  if (roll < 88) {
    const queue = some(dice, () => (dice.chance(0.5) ? reading(dice) : changing(dice)));
    return [['MULTI'], ...queue, ['EXEC'], reading(dice)];
  }
  if (roll < 92) return [['CLIENT', 'TRACKINGINFO']];
  if (roll < 95) return [['HELLO', dice.chance(0.8) ? '3' : '2']];
  if (roll < 97) return [dice.oneOf([['SUBSCRIBE', 'ch'], ['UNSUBSCRIBE', 'ch'], ['RESET']])];
  return roll < 98 ? [] : [['SELECT', String(dice.below(2))]];
}

function listening(dice: Dice): Request[] {
  const roll = dice.below(10);
  if (roll < 1) return [];
  return [
    dice.oneOf([
      ['HELLO', '3'],
      ['HELLO', '2'],
      ['SUBSCRIBE', 'ch'],
      ['SUBSCRIBE', 'ch'],
      ['UNSUBSCRIBE', 'ch'],
    ]),
  ];
}

function some(dice: Dice, make: () => Request): Request[] {
  return Array.from({ length: 1 + dice.below(3) }, make);
}

function reading(dice: Dice): Request {
  const [key, other] = [dice.oneOf(keys), dice.oneOf(keys)];
  return dice.oneOf([
    ['GET', key],
    ['GET', key],
    ['MGET', key, other],
    ['EXISTS', key],
    ['LRANGE', key, '0', '-1'],
    ['SINTERCARD', '2', key, other],
    ['PING'],
  ]);
}

function changing(dice: Dice): Request {
  const [key, other] = [dice.oneOf(keys), dice.oneOf(keys)];
  return dice.oneOf([
    ['SET', key, '1'],
    ['SET', key, '2'],
    ['MSET', key, '1', other, '2'],
    ['DEL', key, other],
    ['RENAME', key, other],
    ['COPY', key, other, 'REPLACE'],
    ['RPUSH', key, '1'],
    ['LPOP', key],
    ['PEXPIREAT', key, dice.oneOf(['1', '99999999999999'])],
    ['PERSIST', key],
    ['SINTERSTORE', key, other, other],
    ['MOVE', key, '1'],
    ...(dice.chance(0.2) ? [['FLUSHALL'], ['FLUSHDB'], ['SWAPDB', '0', '1']] : []),
  ]);
}

function switching(dice: Dice, crowdSize: number): Request {
  if (dice.chance(0.25)) return ['CLIENT', 'TRACKING', 'OFF'];
  const request = ['CLIENT', 'TRACKING', 'ON'];
  // One prefix: Redis 7.0 answers twice where the second of several overlaps with a third.
  if (dice.chance(0.4)) {
    request.push('BCAST');
    if (dice.chance(0.7)) request.push('PREFIX', dice.oneOf(prefixes));
  } else if (dice.chance(0.5)) request.push(dice.oneOf(['OPTIN', 'OPTOUT']));
  if (dice.chance(0.3)) request.push('NOLOOP');
  if (dice.chance(0.3)) request.push('REDIRECT', `<id ${crowdSize - 1}>`);
  return request;
}
