import { latin1Bytes, textOf } from '@kvartz/base';

/** How a client asked, with CLIENT TRACKING ON, to be told of keys that change. */
export interface TrackingOptions {
  /** Id of the client that gets the messages; 0: the client itself. */
  readonly redirectId: number;
  /** BCAST: of all keys with its prefixes, rather than of those that it has read. */
  readonly isBroadcast: boolean;
  /** OPTIN: only what CLIENT CACHING YES came before. OPTOUT: all but what CLIENT CACHING NO came before. */
  readonly choice: 'all' | 'optin' | 'optout';
  /** NOLOOP: not of what it changes itself. */
  readonly isNoLoop: boolean;
}

/** The tracking of one client while it is on. */
export class ClientTracking {
  options: TrackingOptions;
  /** Of BCAST; one character per byte. */
  readonly prefixes = new Set<string>();
  /** The client to which it redirects was gone when something was to be sent. */
  isRedirectBroken = false;
  /** CLIENT CACHING came just before. */
  isCachingGiven = false;

  constructor(options: TrackingOptions) {
    this.options = options;
  }

  /** The keys of the command that runs are to be remembered. */
  get remembers(): boolean {
    return this.options.choice === 'all' || (this.options.choice === 'optin') === this.isCachingGiven;
  }
}

/**
 * Why the client may not track these prefixes, too: a key that has two of them would be told of twice. Strings of one
 * character per byte. Undefined: it may.
 */
export function overlapOf(added: readonly string[], current: ReadonlySet<string>): string | undefined {
  const only = 'Prefixes for a single client must not overlap.';
  for (const [i, prefix] of added.entries()) {
    for (const other of [...current].toSorted()) {
      if (isOverlap(prefix, other)) {
        return `ERR Prefix '${shown(prefix)}' overlaps with an existing prefix '${shown(other)}'. ${only}`;
      }
    }
    for (const other of added.slice(i + 1)) {
      if (isOverlap(prefix, other)) {
        return `ERR Prefix '${shown(prefix)}' overlaps with another provided prefix '${shown(other)}'. ${only}`;
      }
    }
  }
  return undefined;
}

function isOverlap(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

/** Errors are text, and one line. */
function shown(prefix: string): string {
  return textOf(latin1Bytes(prefix));
}
