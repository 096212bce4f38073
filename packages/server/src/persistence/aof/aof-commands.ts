import { defineCommands } from '@kvartz/commands';
import type { ServerContext } from '../../context.ts';

export const aofCommands = defineCommands<ServerContext>([
  {
    name: 'bgrewriteaof',
    summary: 'Begins to write the append-only file anew, as short as it can be.',
    complexity: 'O(1)',
    run: bgrewriteaof,
  },
]);

function bgrewriteaof({ isInExec, kernel, reply }: ServerContext): void {
  const outcome = kernel.persistence.appendOnlyFile.rewrite(isInExec);
  if (outcome === 'running') reply.error('ERR Background append only file rewriting already in progress');
  else reply.simple(`Background append only file rewriting ${outcome}`);
}
