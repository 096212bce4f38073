import type { EntryRef } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword, textAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import {
  GEO_ANY,
  GEO_COUNT,
  GEO_HEIGHT,
  GEO_NEGATIVE_BOX,
  GEO_NEGATIVE_RADIUS,
  GEO_NO_MEMBER,
  GEO_RADIUS,
  GEO_SEARCHSTORE_WITH,
  GEO_STORE_WITH,
  GEO_WIDTH,
  needsOneCentre,
  needsOneShape,
  NOT_INTEGER,
  SYNTAX_ERROR,
} from '../errors.ts';
import { doubleAt, position, readPosition, readUnit } from './arguments.ts';
import { latitudeOf, longitudeOf } from './coordinates.ts';
import { SearchShape } from './shape.ts';

export const SearchOrder = { none: 0, nearest: 1, farthest: 2 } as const;
export type SearchOrder = (typeof SearchOrder)[keyof typeof SearchOrder];

/** Which of the commands asks. */
export const SearchForm = {
  /** GEORADIUS, GEORADIUS_RO: the centre is arguments 2 and 3. */
  radius: 0,
  /** GEORADIUSBYMEMBER, GEORADIUSBYMEMBER_RO: the centre is the member in argument 2. */
  radiusByMember: 1,
  /** GEOSEARCH, GEOSEARCHSTORE: options say it all. */
  search: 2,
} as const;
export type SearchForm = (typeof SearchForm)[keyof typeof SearchForm];

/** The arguments of a search. Used by one command after another. */
export class SearchRequest {
  readonly shape = new SearchShape();
  order: SearchOrder = SearchOrder.none;
  /** At most so many; 0: all. */
  count = 0;
  /** As soon as `count` are found, those. */
  isAny = false;
  withDistance = false;
  withHash = false;
  withPosition = false;
  /** Argument that names the key for the result; 0: reply with it. */
  storeKey = 0;
  /** Scores of the result are distances. */
  isStoringDistances = false;

  /** Otherwise it is enough to know which positions are inside. */
  get needsDistances(): boolean {
    return this.withDistance || this.order !== SearchOrder.none || (this.count > 0 && !this.isAny);
  }

  #centre: 'none' | 'member' | 'position' = 'none';
  #hasShape = false;

  /**
   * Reads the request, whose key holds `entry` (0: nothing). False when it is wrong, which has been answered. `storeKey` is where
   * GEOSEARCHSTORE has it, else 0; `mayStore` says that STORE and STOREDIST are options.
   */
  read(
    context: CommandContext,
    args: Args,
    entry: EntryRef,
    form: SearchForm,
    storeKey: number,
    mayStore: boolean,
  ): boolean {
    this.#clear(storeKey);
    const first = this.#readFixed(context, args, entry, form);
    if (first === 0) return false;
    for (let i = first; i < args.count;) {
      const next = this.#readOption(context, args, i, entry, form, mayStore);
      if (next === 0) return false;
      i = next;
    }
    const error = this.#conflict(args, form, storeKey);
    if (error === undefined) return true;
    context.reply.error(error);
    return false;
  }

  #clear(storeKey: number): void {
    this.shape.isBox = false;
    this.order = SearchOrder.none;
    this.count = 0;
    this.isAny = false;
    this.withDistance = false;
    this.withHash = false;
    this.withPosition = false;
    this.storeKey = storeKey;
    this.isStoringDistances = false;
    this.#centre = 'none';
    this.#hasShape = false;
  }

  /** What stands at fixed places. Returns the index of the first option, 0 when something is wrong. */
  #readFixed(context: CommandContext, args: Args, entry: EntryRef, form: SearchForm): number {
    if (form === SearchForm.search) return this.storeKey > 0 ? 3 : 2;
    if (form === SearchForm.radius) {
      if (!this.#readCentre(context, args, 2)) return 0;
      return this.#readRadius(context, args, 4) ? 6 : 0;
    }
    // Without a member there is no centre, and nobody looks at the radius.
    if (entry === 0) return 5;
    return this.#readMember(context, args, 2, entry) && this.#readRadius(context, args, 3) ? 5 : 0;
  }

  /** Reads the option at `i` and returns the index of the next one, 0 when something is wrong. */
  #readOption(
    context: CommandContext,
    args: Args,
    i: number,
    entry: EntryRef,
    form: SearchForm,
    mayStore: boolean,
  ): number {
    const left = args.count - i - 1;
    if (isKeyword(args, i, 'withdist')) this.withDistance = true;
    else if (isKeyword(args, i, 'withhash')) this.withHash = true;
    else if (isKeyword(args, i, 'withcoord')) this.withPosition = true;
    else if (isKeyword(args, i, 'any')) this.isAny = true;
    else if (isKeyword(args, i, 'asc')) this.order = SearchOrder.nearest;
    else if (isKeyword(args, i, 'desc')) this.order = SearchOrder.farthest;
    else if (left >= 1 && isKeyword(args, i, 'count')) return this.#readCount(context, args, i + 1) ? i + 2 : 0;
    else if (form === SearchForm.search) return this.#readSearchOption(context, args, i, entry);
    else if (left >= 1 && mayStore && (isKeyword(args, i, 'store') || isKeyword(args, i, 'storedist'))) {
      this.storeKey = i + 1;
      this.isStoringDistances = isKeyword(args, i, 'storedist');
      return i + 2;
    } else {
      context.reply.error(SYNTAX_ERROR);
      return 0;
    }
    return i + 1;
  }

  #readSearchOption(context: CommandContext, args: Args, i: number, entry: EntryRef): number {
    const left = args.count - i - 1;
    const { shape } = this;
    if (this.storeKey > 0 && isKeyword(args, i, 'storedist')) {
      this.isStoringDistances = true;
      return i + 1;
    }
    if (left >= 1 && this.#centre !== 'position' && isKeyword(args, i, 'frommember')) {
      this.#centre = 'member';
      return entry === 0 || this.#readMember(context, args, i + 1, entry) ? i + 2 : 0;
    }
    if (left >= 2 && this.#centre !== 'member' && isKeyword(args, i, 'fromlonlat')) {
      this.#centre = 'position';
      return this.#readCentre(context, args, i + 1) ? i + 3 : 0;
    }
    if (left >= 2 && !(this.#hasShape && shape.isBox) && isKeyword(args, i, 'byradius')) {
      this.#hasShape = true;
      return this.#readRadius(context, args, i + 1) ? i + 3 : 0;
    }
    if (left >= 3 && !(this.#hasShape && !shape.isBox) && isKeyword(args, i, 'bybox')) {
      this.#hasShape = true;
      shape.isBox = true;
      return this.#readBox(context, args, i + 1) ? i + 4 : 0;
    }
    context.reply.error(SYNTAX_ERROR);
    return 0;
  }

  #readCentre(context: CommandContext, args: Args, i: number): boolean {
    if (!readPosition(context, args, i)) return false;
    this.shape.longitude = position[0];
    this.shape.latitude = position[1];
    return true;
  }

  #readMember(context: CommandContext, args: Args, i: number, entry: EntryRef): boolean {
    const score = context.db.sortedSets.scoreOf(entry, args.buffer, args.start[i], args.end[i]);
    if (Number.isNaN(score)) {
      context.reply.error(GEO_NO_MEMBER);
      return false;
    }
    this.shape.longitude = longitudeOf(score);
    this.shape.latitude = latitudeOf(score);
    return true;
  }

  /** Radius and unit. */
  #readRadius(context: CommandContext, args: Args, i: number): boolean {
    const radius = doubleAt(args, i);
    if (!(radius >= 0)) {
      context.reply.error(Number.isNaN(radius) ? GEO_RADIUS : GEO_NEGATIVE_RADIUS);
      return false;
    }
    this.shape.radius = radius;
    this.shape.unit = readUnit(context, args, i + 1);
    return this.shape.unit > 0;
  }

  /** Width, height and unit. */
  #readBox(context: CommandContext, args: Args, i: number): boolean {
    const width = doubleAt(args, i);
    const height = Number.isNaN(width) ? 0 : doubleAt(args, i + 1);
    if (!(width >= 0 && height >= 0)) {
      context.reply.error(Number.isNaN(width) ? GEO_WIDTH : Number.isNaN(height) ? GEO_HEIGHT : GEO_NEGATIVE_BOX);
      return false;
    }
    this.shape.width = width;
    this.shape.height = height;
    this.shape.unit = readUnit(context, args, i + 2);
    return this.shape.unit > 0;
  }

  #readCount(context: CommandContext, args: Args, i: number): boolean {
    const count = integerAt(args, i);
    if (count > 0) {
      this.count = count;
      return true;
    }
    context.reply.error(Number.isNaN(count) ? NOT_INTEGER : GEO_COUNT);
    return false;
  }

  #conflict(args: Args, form: SearchForm, storeKey: number): string | undefined {
    const isWith = this.withDistance || this.withHash || this.withPosition;
    if (this.storeKey > 0 && isWith) return storeKey > 0 ? GEO_SEARCHSTORE_WITH : GEO_STORE_WITH;
    if (form === SearchForm.search && this.#centre === 'none') return needsOneCentre(textAt(args, 0));
    if (form === SearchForm.search && !this.#hasShape) return needsOneShape(textAt(args, 0));
    return this.isAny && this.count === 0 ? GEO_ANY : undefined;
  }
}
