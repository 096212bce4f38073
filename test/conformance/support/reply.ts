/** A reply as it stood on the wire: `head` is its first line or, for a bulk, the whole of it. */
export interface Reply {
  /** The type byte: `+ - : $ * % ~ _ # , ( = > !`. */
  readonly kind: string;
  /** The reply's bytes, a character each, without its elements. */
  readonly head: string;
  readonly items: readonly Reply[];
}

/** The bytes of the whole reply. */
export function render(reply: Reply): string {
  return reply.items.length === 0 ? reply.head : reply.head + reply.items.map(render).join('');
}

/** What follows the type byte of a line, or the content of a bulk. */
export function textOfReply({ kind, head }: Reply): string {
  return isBlob(kind) ? head.slice(head.indexOf('\n') + 1, -2) : head.slice(1, -2);
}

/**
 * Cuts a stream of replies into replies without losing how they were written, which a decoder to values would: `+OK` is
 * not `$2 OK`, and RESP2's two nulls are not one.
 */
export class ReplyReader {
  #pending = '';
  #at = 0;

  feed(chunk: Buffer): void {
    this.#pending = this.#pending.slice(this.#at) + chunk.toString('latin1');
    this.#at = 0;
  }

  next(): Reply | undefined {
    const start = this.#at;
    const reply = this.#read();
    if (reply === undefined) this.#at = start;
    return reply;
  }

  #read(): Reply | undefined {
    const lineEnd = this.#pending.indexOf('\r\n', this.#at);
    if (lineEnd < 0) return undefined;
    const kind = this.#pending[this.#at];
    const count = Number(this.#pending.slice(this.#at + 1, lineEnd));
    const end = isBlob(kind) && count >= 0 ? lineEnd + 2 + count + 2 : lineEnd + 2;
    if (end > this.#pending.length) return undefined;
    const head = this.#pending.slice(this.#at, end);
    this.#at = end;
    const items: Reply[] = [];
    for (let left = itemCount(kind, count); left > 0; left--) {
      const item = this.#read();
      if (item === undefined) return undefined;
      items.push(item);
    }
    return { kind, head, items };
  }
}

function isBlob(kind: string): boolean {
  return kind === '$' || kind === '=' || kind === '!';
}

function itemCount(kind: string, count: number): number {
  if (kind === '*' || kind === '~' || kind === '>') return Math.max(count, 0);
  return kind === '%' ? count * 2 : 0;
}
