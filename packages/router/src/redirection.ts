import { SLOT_COUNT } from './key-slot.ts';
import type { SlotMap } from './slot-map.ts';

/** What a node says when a request belongs elsewhere. */
export interface Redirection {
  /** `moved`: for good, so change the map. `ask`: this request only, after `ASKING`; the map stays as it is. */
  readonly kind: 'moved' | 'ask';
  readonly slot: number;
  readonly host: string;
  readonly port: number;
}

/**
 * Parses the message of an error reply: `MOVED 3999 127.0.0.1:6381` or `ASK 3999 [host]:6381`. Undefined when it is
 * another error. An empty host means the host that was asked (`cluster-preferred-endpoint-type unknown-endpoint`), so
 * name it. The host stands before the last colon, which is how IPv6 addresses come too.
 */
export function parseRedirection(message: string, askedHost: string): Redirection | undefined {
  const match = /^-?(MOVED|ASK) (\d{1,5}) (\S*):(\d{1,5})\s*$/.exec(message);
  if (match === null) return undefined;
  const [, kind, slotText, host, portText] = match;
  const slot = Number(slotText);
  const port = Number(portText);
  if (slot >= SLOT_COUNT || port < 1 || port > 65_535) return undefined;
  // `?`: the node has to be reached by name and has not said its name yet.
  if (host === '?') return undefined;
  return { kind: kind === 'MOVED' ? 'moved' : 'ask', slot, host: host === '' ? askedHost : host, port };
}

/** `127.0.0.1:6381`, `::1:6381`: the name of a node in a SlotMap of addresses, in the form of Redis's redirections. */
export function addressOf(node: { readonly host: string; readonly port: number }): string {
  return `${node.host}:${node.port}`;
}

/** The map after a redirection: changed by `moved`, the very same after `ask`. */
export function applyRedirection(map: SlotMap<string>, redirection: Redirection): SlotMap<string> {
  return redirection.kind === 'ask' ? map : map.withSlotOwner(redirection.slot, addressOf(redirection));
}
