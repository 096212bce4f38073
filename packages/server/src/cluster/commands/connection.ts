import { Gate } from '../../client.ts';
import type { ServerContext } from '../../context.ts';
import { clusterOf } from './operator.ts';

/** READONLY: on a replica, reads of its master's slots may be stale and are served. */
export function readonly(context: ServerContext): void {
  if (clusterOf(context) === undefined) return;
  context.client.isReadonly = true;
  context.reply.ok();
}

export function readwrite(context: ServerContext): void {
  if (clusterOf(context) === undefined) return;
  context.client.isReadonly = false;
  context.reply.ok();
}

/** ASKING: the next command may use a slot that this node is importing. */
export function asking(context: ServerContext): void {
  if (clusterOf(context) === undefined) return;
  context.client.setGate(Gate.asking, true);
  context.reply.ok();
}
