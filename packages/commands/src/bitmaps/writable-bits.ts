import { ByteBuffer } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { REFUSED, stringToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';

/** A string, long enough for the bits that a command writes. Valid until the next change of the keyspace. */
export class WritableBits {
  buffer = new ByteBuffer(0);
  start = 0;
  end = 0;
  /** Making room has already changed the key. */
  hasGrown = false;

  /** Creates or grows the string of argument 1 to hold bit `offset`. False when that failed, which has been answered. */
  open(context: CommandContext, args: Args, offset: number): boolean {
    const { db } = context;
    const entry = stringToWrite(context, args, 1);
    if (entry === REFUSED) return false;
    const length = Math.floor(offset / 8) + 1;
    this.hasGrown = entry === 0 || db.stringLength(entry) < length;
    const edited = db.editString(args.buffer, args.start[1], args.end[1], length);
    if (edited === 0) {
      replyOutOfMemory(context);
      return false;
    }
    ({ buffer: this.buffer, start: this.start, end: this.end } = db.stringOf(edited));
    return true;
  }
}
