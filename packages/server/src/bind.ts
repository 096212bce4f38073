import type { Connection, Listener, ListenOptions, Transport } from '@kvartz/base';

/**
 * Listens on a port of all addresses that `bind` names, or on none. `*` and `::*` are all addresses of a family; one with
 * a dash before it may be missing on this machine.
 */
export async function listenOnAll(
  transport: Transport,
  bind: readonly string[],
  port: number,
  options: ListenOptions,
  onConnection: (connection: Connection) => void,
): Promise<Listener[]> {
  const open: Listener[] = [];
  try {
    for (const word of bind) {
      const isOptional = word.startsWith('-');
      const address = isOptional ? word.slice(1) : word;
      const host = anyAddress.get(address) ?? address;
      try {
        open.push(await transport.listen({ kind: 'tcp', host, port }, options, onConnection));
      } catch (error) {
        if (!isOptional || !unavailable.has((error as { code?: string }).code ?? '')) throw error;
      }
    }
  } catch (error) {
    await Promise.all(open.map((listener) => listener.close()));
    throw error;
  }
  return open;
}

const anyAddress: ReadonlyMap<string, string> = new Map([
  ['*', '0.0.0.0'],
  ['::*', '::'],
]);

const unavailable = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ENOPROTOOPT', 'EINVAL']);
