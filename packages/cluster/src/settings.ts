/** What the core must be told and does not learn: complete, checked once, and replaced as a whole by CONFIG SET. */
export interface CoreSettings {
  /** As announced to peers and clients; empty: taken from the connections that peers make to us. */
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
  readonly hostname: string;
  /** Silence after which a node counts as pfail. */
  readonly nodeTimeoutMs: number;
  /** A slot without a working owner stops the whole cluster. */
  readonly requireFullCoverage: boolean;
}

/** How often the shell must send `tick`. */
export const tickMs = 100;

/** A setting that cannot work; the message says which, and what would. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'ERR_CLUSTER_SETTINGS';
}

export function checkSettings(settings: CoreSettings): CoreSettings {
  const { port, busPort, nodeTimeoutMs } = settings;
  checkPort('port', port);
  checkPort('cluster bus port', busPort);
  if (port === busPort) throw new SettingsError(`the port and the cluster bus port are both ${port}: give two`);
  if (!Number.isFinite(nodeTimeoutMs) || nodeTimeoutMs <= tickMs) {
    throw new SettingsError(
      `cluster-node-timeout is ${nodeTimeoutMs} ms; it must be more than ${tickMs} ms, the time between two heartbeats`,
    );
  }
  return Object.freeze({ ...settings });
}

function checkPort(name: string, port: number): void {
  if (!isPort(port)) throw new SettingsError(`the ${name} is ${port}; it must be from 1 to 65535`);
}

export function isPort(n: number): boolean {
  return Number.isInteger(n) && n >= 1 && n <= 65_535;
}

/** Whether CLUSTER MEET takes the text for an address: IPv4 in four numbers, or IPv6. */
export function isIpAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  let count = groups.length;
  const last = groups.at(-1);
  if (last?.includes('.')) {
    if (!isIpv4(last)) return false;
    groups.pop();
    count++;
  }
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? count < 8 : count === 8;
}
