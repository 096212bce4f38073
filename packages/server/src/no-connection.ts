import type { Connection, ConnectionHandler } from '@kvartz/base';

/** The connection of commands that no peer sent. */
export const noConnection: Connection = {
  remote: '',
  local: '',
  kind: 'tcp',
  isLoopback: true,
  attach: () => {},
  write: () => true,
  queuedBytes: 0,
  pauseReading: () => {},
  resumeReading: () => {},
  end: () => {},
  destroy: () => {},
};

const deaf: ConnectionHandler = { onData: () => {}, onDrain: () => {}, onClose: () => {} };

/** Says why, and closes. */
export function refuseConnection(connection: Connection, reason: string): void {
  connection.attach(deaf);
  const bytes = new TextEncoder().encode(`-${reason}\r\n`);
  connection.write(bytes, 0, bytes.length);
  connection.end();
}
