import type { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { Client } from '../client.ts';
import type { ServerCommand } from '../table.ts';
import type { Place } from './key-queue.ts';

/** A client whose command waits for a key. */
export class BlockedClient {
  readonly client: Client;
  readonly command: ServerCommand;
  /** Its own copy of the request, to be run again. */
  readonly args: Args;
  /** What a key has to hold. */
  readonly type: ValueType;
  /** It is to be run again, too, when a key that was there is not there any more. */
  readonly isTied: boolean;
  /** Monotonic milliseconds; Infinity: never. */
  readonly deadlineMs: number;
  /** CLIENT REPLY OFF or SKIP held when the command came. */
  readonly isSilent: boolean;
  readonly places: Place[] = [];
  /** Of `Deadlines`; -1: not among them. */
  heapIndex = -1;

  constructor(
    client: Client,
    command: ServerCommand,
    args: Args,
    type: ValueType,
    isTied: boolean,
    deadlineMs: number,
    isSilent: boolean,
  ) {
    this.client = client;
    this.command = command;
    this.args = args;
    this.type = type;
    this.isTied = isTied;
    this.deadlineMs = deadlineMs;
    this.isSilent = isSilent;
  }
}
