import type { Args } from '@kvartz/resp';
import type { Client } from '../client.ts';
import type { ServerCommand } from '../table.ts';

/** What entry, key and index take beside the bytes of a request. */
const overheadBytes = 64;
/** Key and value of a string up to here share one block. */
const sharedBlockBytes = 1024;

/** What a request may add to the data at once, as far as can be seen from outside. */
export class MemoryNeed {
  bytes = 0;
  /** The largest block among these. */
  blockBytes = 0;

  measure(client: Client, command: ServerCommand, args: Args): void {
    this.bytes = overheadBytes;
    this.blockBytes = 0;
    if (command.name !== 'exec') this.#add(args);
    else for (const queued of client.transaction?.queue ?? []) this.#add(queued.args);
  }

  #add({ count, end, start }: Args): void {
    const totalBytes = end[count - 1] - start[0];
    let largestBytes = 0;
    for (let i = 1; i < count; i++) largestBytes = Math.max(largestBytes, end[i] - start[i]);
    this.bytes += totalBytes;
    const blockBytes = largestBytes > sharedBlockBytes ? largestBytes : Math.min(totalBytes, sharedBlockBytes);
    this.blockBytes = Math.max(this.blockBytes, blockBytes);
  }
}
