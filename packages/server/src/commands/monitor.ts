import { defineCommands } from '@kvartz/commands';
import type { ServerContext } from '../context.ts';

export const monitorCommands = defineCommands<ServerContext>([
  {
    name: 'monitor',
    summary: 'Shows every request that the server runs from now on.',
    complexity: 'O(N) for every request, where N is the number of monitoring clients',
    run: monitor,
  },
]);

/** MONITOR: ends with RESET, QUIT or the connection. */
function monitor({ client, isInExec, kernel, reply }: ServerContext): void {
  if (isInExec) return reply.error("ERR MONITOR isn't allowed for DENY BLOCKING client");
  // Called twice it answers nothing, as in Redis.
  if (kernel.monitors.has(client)) return;
  kernel.monitors.add(client);
  reply.ok();
}
