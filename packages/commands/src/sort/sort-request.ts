import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NOT_INTEGER, SORT_BY_IN_CLUSTER, SORT_GET_IN_CLUSTER, SYNTAX_ERROR } from '../errors.ts';
import { KeyPattern } from './key-pattern.ts';

/** The options of SORT. */
export interface SortRequest {
  /** Weights are looked up by it; undefined: the elements are their own. */
  by: KeyPattern | undefined;
  /** BY a pattern that is the same for all: the elements keep the order that they have. */
  isUnsorted: boolean;
  isDescending: boolean;
  isAlpha: boolean;
  offset: number;
  /** Negative: all. */
  count: number;
  readonly gets: KeyPattern[];
  /** Argument that names the key for the result; 0: reply with it. */
  storeKey: number;
}

/** Undefined when the request is wrong, which has been answered. */
export function readSortRequest(context: CommandContext, args: Args, mayStore: boolean): SortRequest | undefined {
  const request: SortRequest = {
    by: undefined,
    isUnsorted: false,
    isDescending: false,
    isAlpha: false,
    offset: 0,
    count: -1,
    gets: [],
    storeKey: 0,
  };
  for (let i = 2; i < args.count; i++) {
    const left = args.count - i - 1;
    if (isKeyword(args, i, 'asc')) request.isDescending = false;
    else if (isKeyword(args, i, 'desc')) request.isDescending = true;
    else if (isKeyword(args, i, 'alpha')) request.isAlpha = true;
    else if (left >= 2 && isKeyword(args, i, 'limit')) {
      request.offset = integerAt(args, i + 1);
      request.count = integerAt(args, i + 2);
      if (Number.isNaN(request.offset) || Number.isNaN(request.count)) return refuse(context, NOT_INTEGER);
      i += 2;
    } else if (left >= 1 && mayStore && isKeyword(args, i, 'store')) request.storeKey = ++i;
    else if (left >= 1 && isKeyword(args, i, 'by')) {
      request.by = new KeyPattern(args, ++i);
      if (!request.by.hasStar) request.isUnsorted = true;
      else if (context.isClusterEnabled) return refuse(context, SORT_BY_IN_CLUSTER);
    } else if (left >= 1 && isKeyword(args, i, 'get')) {
      if (context.isClusterEnabled) return refuse(context, SORT_GET_IN_CLUSTER);
      request.gets.push(new KeyPattern(args, ++i));
    } else return refuse(context, SYNTAX_ERROR);
  }
  return request;
}

function refuse(context: CommandContext, error: string): undefined {
  context.reply.error(error);
  return undefined;
}

/** Where SORT's keys are: the one that is sorted, and the last STORE. What patterns will lead to cannot be told. */
export function sortKeys(args: Args): readonly number[] {
  let storeKey = 0;
  for (let i = 2; i < args.count; i++) {
    if (isKeyword(args, i, 'limit')) i += 2;
    else if (isKeyword(args, i, 'get') || isKeyword(args, i, 'by')) i++;
    else if (i + 1 < args.count && isKeyword(args, i, 'store')) storeKey = ++i;
  }
  return storeKey === 0 ? [1] : [1, storeKey];
}

export function sortRoKeys(): readonly number[] {
  return [1];
}
