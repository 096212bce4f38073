import type { MemberBatch, SetWalk } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { type KeyEvent, KeyEvents } from '../key-events.ts';
import { putHeadFirst } from '../reply-head.ts';
import { replyOutOfMemory } from '../strings/store.ts';

/** Takes the members of a result, each once, in batches. */
export interface Output {
  /** False: no more. */
  take(batch: MemberBatch): boolean;
}

/** Writes them as a reply, whose number of members is known at the end. */
export class ReplyOutput implements Output {
  #context: CommandContext | undefined;
  #bodyStart = 0;
  #count = 0;

  begin(context: CommandContext): this {
    this.#context = context;
    this.#bodyStart = context.reply.position;
    this.#count = 0;
    return this;
  }

  take(batch: MemberBatch): boolean {
    const { reply } = this.#context!;
    for (let i = 0; i < batch.count; i++) {
      const value = batch.number(i);
      if (value === value) {
        reply.bulkInteger(value);
        continue;
      }
      const { buffer, start, end } = batch.text(i);
      reply.bulk(buffer, start, end);
    }
    this.#count += batch.count;
    return true;
  }

  end(): void {
    const { reply } = this.#context!;
    const headStart = reply.position;
    reply.set(this.#count);
    putHeadFirst(reply, this.#bodyStart, headStart);
    this.#context = undefined;
  }

  /** What has been written does not count: memory has run out. */
  refuse(): void {
    replyOutOfMemory(this.#context!, this.#bodyStart);
    this.#context = undefined;
  }
}

/** Counts them, up to a limit. */
export class CountOutput implements Output {
  count = 0;
  #limit = Infinity;

  begin(limit: number): this {
    this.count = 0;
    this.#limit = limit;
    return this;
  }

  take(batch: MemberBatch): boolean {
    this.count = Math.min(this.#limit, this.count + batch.count);
    return this.count < this.#limit;
  }
}

/** Makes them the value of the key in argument 1. */
export class StoreOutput implements Output {
  #context: CommandContext | undefined;
  #isOutOfMemory = false;

  begin(context: CommandContext): this {
    this.#context = context;
    this.#isOutOfMemory = false;
    return this;
  }

  take(batch: MemberBatch): boolean {
    return this.#goOn(this.#context!.db.sets.result.addBatch(batch));
  }

  /** Takes one member that may have been taken before. */
  add(walk: SetWalk): boolean {
    return this.#goOn(this.#context!.db.sets.result.add(walk));
  }

  #goOn(hasMemory: boolean): boolean {
    this.#isOutOfMemory = !hasMemory;
    return hasMemory;
  }

  /** Stores them and answers how many they are; a key that would be empty is removed. */
  end(args: Args, event: KeyEvent): void {
    const context = this.#context!;
    this.#context = undefined;
    const { db, reply } = context;
    const { buffer, start, end } = args;
    const { result } = db.sets;
    const { count } = result;
    if (count === 0 && !this.#isOutOfMemory) {
      if (db.remove(buffer, start[1], end[1])) context.touch(args, 1, KeyEvents.del);
      reply.integer(0);
    } else if (this.#isOutOfMemory || result.store(buffer, start[1], end[1]) === 0) {
      result.free();
      replyOutOfMemory(context);
    } else {
      context.touch(args, 1, event);
      reply.integer(count);
    }
  }
}

/** One of each is enough: a command ends before the next begins. */
export const replyOutput = new ReplyOutput();
export const countOutput = new CountOutput();
export const storeOutput = new StoreOutput();
