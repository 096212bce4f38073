import { parseDouble } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { LIMIT_NEGATIVE, needsInputKey, NOT_INTEGER, SYNTAX_ERROR, WEIGHT_NOT_FLOAT } from '../errors.ts';
import { type KeyEvent, KeyEvents } from '../key-events.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { Aggregate, Sources } from './combine-sources.ts';
import { beginMembers } from './reply-members.ts';
import { replyScore } from './reply-score.ts';
import { storeResults } from './store-results.ts';

type Operation = 'union' | 'inter' | 'diff';

const sources = new Sources();
/** What the options of the running command have said. */
const options = { isWithScores: false, limit: 0 };

/** ZUNION numkeys key [key ...] [WEIGHTS weight ...] [AGGREGATE SUM | MIN | MAX] [WITHSCORES]. */
export function zunion(context: CommandContext, args: Args): void {
  replyCombined(context, args, 'zunion', 'union');
}

export function zinter(context: CommandContext, args: Args): void {
  replyCombined(context, args, 'zinter', 'inter');
}

/** ZDIFF numkeys key [key ...] [WITHSCORES]. */
export function zdiff(context: CommandContext, args: Args): void {
  replyCombined(context, args, 'zdiff', 'diff');
}

/** ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight ...] [AGGREGATE SUM | MIN | MAX]. */
export function zunionstore(context: CommandContext, args: Args): void {
  storeCombined(context, args, 'zunionstore', 'union', KeyEvents.zsetUnionStore);
}

export function zinterstore(context: CommandContext, args: Args): void {
  storeCombined(context, args, 'zinterstore', 'inter', KeyEvents.zsetInterStore);
}

/** ZDIFFSTORE destination numkeys key [key ...]. */
export function zdiffstore(context: CommandContext, args: Args): void {
  storeCombined(context, args, 'zdiffstore', 'diff', KeyEvents.zsetDiffStore);
}

/** ZINTERCARD numkeys key [key ...] [LIMIT limit]. */
export function zintercard(context: CommandContext, args: Args): void {
  if (!read(context, args, 'zintercard', 1, 'inter', false)) return;
  sources.sort();
  let count = 0;
  if (sources.sizeOf(0) > 0) {
    sources.walk(0);
    while ((options.limit === 0 || count < options.limit) && sources.next()) if (isInAll()) count++;
  }
  context.reply.integer(count);
}

function replyCombined(context: CommandContext, args: Args, command: string, operation: Operation): void {
  if (!read(context, args, command, 1, operation, false)) return;
  const { db, reply } = context;
  const { results } = db.sortedSets;
  if (!combine(context, operation) || !results.order()) {
    results.free();
    return replyOutOfMemory(context);
  }
  const { member } = results;
  const { isWithScores } = options;
  beginMembers(context, results.count, isWithScores);
  for (let i = 0; i < results.count; i++) {
    results.read(i);
    if (isWithScores && reply.protocol === 3) reply.array(2);
    reply.bulk(member.buffer, member.start, member.end);
    if (isWithScores) replyScore(reply, results.score);
  }
  results.free();
}

function storeCombined(
  context: CommandContext,
  args: Args,
  command: string,
  operation: Operation,
  event: KeyEvent,
): void {
  if (!read(context, args, command, 2, operation, true)) return;
  if (combine(context, operation)) return storeResults(context, args, 1, event);
  context.db.sortedSets.results.free();
  replyOutOfMemory(context);
}

/** Reads keys and options, and looks the keys up. False when the request has been answered. */
function read(
  context: CommandContext,
  args: Args,
  command: string,
  numkeys: number,
  operation: Operation,
  isStore: boolean,
): boolean {
  const { reply } = context;
  const isCard = command === 'zintercard';
  const count = integerAt(args, numkeys);
  options.isWithScores = false;
  options.limit = 0;
  let error: string | undefined;
  if (Number.isNaN(count)) error = NOT_INTEGER;
  else if (count < 1) error = needsInputKey(command);
  else if (count > args.count - numkeys - 1) error = SYNTAX_ERROR;
  if (error === undefined) {
    if (!sources.find(context, args, numkeys + 1, count)) return false;
    error = readOptions(args, numkeys + 1 + count, operation !== 'diff' && !isCard, !isStore && !isCard, isCard);
  }
  if (error === undefined) return true;
  reply.error(error);
  return false;
}

function readOptions(
  args: Args,
  from: number,
  hasWeights: boolean,
  hasScores: boolean,
  hasLimit: boolean,
): string | undefined {
  for (let i = from; i < args.count; i++) {
    const following = args.count - i - 1;
    if (hasWeights && following >= sources.count && isKeyword(args, i, 'weights')) {
      for (let j = 0; j < sources.count; j++) {
        i++;
        const weight = parseDouble(args.buffer.u8, args.start[i], args.end[i]);
        if (Number.isNaN(weight)) return WEIGHT_NOT_FLOAT;
        sources.weights[j] = weight;
      }
    } else if (hasWeights && following >= 1 && isKeyword(args, i, 'aggregate')) {
      i++;
      if (isKeyword(args, i, 'sum')) sources.aggregate = Aggregate.sum;
      else if (isKeyword(args, i, 'min')) sources.aggregate = Aggregate.min;
      else if (isKeyword(args, i, 'max')) sources.aggregate = Aggregate.max;
      else return SYNTAX_ERROR;
    } else if (hasScores && isKeyword(args, i, 'withscores')) options.isWithScores = true;
    else if (hasLimit && following >= 1 && isKeyword(args, i, 'limit')) {
      options.limit = integerAt(args, ++i);
      if (!(options.limit >= 0)) return LIMIT_NEGATIVE;
    } else return SYNTAX_ERROR;
  }
  return undefined;
}

/** Fills the results, in no order. False: no memory. */
function combine(context: CommandContext, operation: Operation): boolean {
  const { results } = context.db.sortedSets;
  if (!results.clear(operation === 'union')) return false;
  if (operation === 'diff') return subtract(context);
  sources.sort();
  return operation === 'union' ? unite(context) : intersect(context);
}

function unite({ db }: CommandContext): boolean {
  const { results } = db.sortedSets;
  for (let i = 0; i < sources.count; i++) {
    if (sources.sizeOf(i) === 0) continue;
    sources.walk(i);
    while (sources.next()) {
      const { buffer, start, end } = sources.member!;
      const score = sources.weightedScore();
      const record = results.find(buffer, start, end);
      if (record !== 0) results.setScore(record, sources.join(results.scoreOf(record), score));
      else if (!results.add(buffer, start, end, score)) return false;
    }
  }
  return true;
}

function intersect({ db }: CommandContext): boolean {
  const { results } = db.sortedSets;
  if (sources.sizeOf(0) === 0) return true;
  sources.walk(0);
  while (sources.next()) {
    let score = sources.weightedScore();
    let i = 1;
    for (; i < sources.count; i++) {
      const other = sources.scoreIn(i);
      if (Number.isNaN(other)) break;
      score = sources.join(score, other * sources.weights[i]);
    }
    if (i < sources.count) continue;
    const { buffer, start, end } = sources.member!;
    if (!results.add(buffer, start, end, score)) return false;
  }
  return true;
}

function subtract({ db }: CommandContext): boolean {
  const { results } = db.sortedSets;
  if (sources.sizeOf(0) === 0) return true;
  sources.walk(0);
  while (sources.next()) {
    let i = 1;
    while (i < sources.count && Number.isNaN(sources.scoreIn(i))) i++;
    if (i < sources.count) continue;
    const { buffer, start, end } = sources.member!;
    if (!results.add(buffer, start, end, sources.score)) return false;
  }
  return true;
}

function isInAll(): boolean {
  for (let i = 1; i < sources.count; i++) if (Number.isNaN(sources.scoreIn(i))) return false;
  return true;
}
