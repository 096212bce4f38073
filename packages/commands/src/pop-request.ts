import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from './arguments.ts';
import { COUNT_NOT_POSITIVE, NUMKEYS_NOT_POSITIVE, SYNTAX_ERROR } from './errors.ts';

/** What LMPOP, ZMPOP and the like are asked for: `numkeys key [key ...] near | far [COUNT count]`. */
export class PopRequest {
  /** The keys are arguments [firstKey, lastKey]. */
  firstKey = 0;
  lastKey = 0;
  isFarEnd = false;
  count = 1;
  readonly #near: string;
  readonly #far: string;

  /** Words for the ends: LEFT and RIGHT, MIN and MAX, in lower case. */
  constructor(near: string, far: string) {
    this.#near = near;
    this.#far = far;
  }

  /** `numkeys` is the argument with the number of keys. Undefined, or what is wrong with the request. */
  read(args: Args, numkeys: number): string | undefined {
    const keyCount = integerAt(args, numkeys);
    if (!(keyCount > 0)) return NUMKEYS_NOT_POSITIVE;
    const where = numkeys + 1 + keyCount;
    if (where >= args.count) return SYNTAX_ERROR;
    this.firstKey = numkeys + 1;
    this.lastKey = where - 1;
    this.isFarEnd = isKeyword(args, where, this.#far);
    if (!this.isFarEnd && !isKeyword(args, where, this.#near)) return SYNTAX_ERROR;
    this.count = 1;
    if (where + 1 === args.count) return undefined;
    if (!isKeyword(args, where + 1, 'count') || where + 2 === args.count) return SYNTAX_ERROR;
    this.count = integerAt(args, where + 2);
    if (!(this.count > 0)) return COUNT_NOT_POSITIVE;
    return where + 3 === args.count ? undefined : SYNTAX_ERROR;
  }
}
