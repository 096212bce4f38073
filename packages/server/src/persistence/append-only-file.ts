import type { Field } from '../commands/info/section.ts';
import type { Loading } from './loading.ts';

/** What the rest of the server sees of the append-only file. */
export interface AppendOnlyFile {
  /** `appendonly yes`: it is loaded at the start, and not the snapshot. */
  readonly isOn: boolean;
  /** A rewrite is under way: a snapshot waits until it is over, as in Redis. */
  readonly isRewriting: boolean;
  /** What the disk said (`No space left on device`) when writes are to be refused for it; undefined: all is well. */
  readonly writeError: string | undefined;
  /** Reads the files into empty databases. Rejects with an error that says file, offset, expected and found. */
  load(loading: Loading): Promise<void>;
  /** What was loaded is what there is: opens the file that is written from now on. */
  start(): Promise<void>;
  /** `hz` times a second, not while loading. */
  tick(): void;
  /** `aof_enabled` to `aof_last_cow_size` of INFO. */
  fields(): Field[];
  /** `aof_current_size` and the like, which come at the end, and only while it is on. */
  furtherFields(): Field[];
  /** Puts everything so far on the disk, whatever `appendfsync` says. False: it could not be. */
  flush(): Promise<boolean>;
  /** The server ends: what can be written and synced is, and the file is closed. */
  close(): Promise<void>;
}
