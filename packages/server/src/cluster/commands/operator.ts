import type { OperatorCommand } from '@kvartz/cluster';
import type { ReplyWriter } from '@kvartz/resp';
import { replyWhenDone } from '../../commands/deferred.ts';
import type { ServerContext } from '../../context.ts';
import { ClusterNode } from '../cluster-node.ts';

export const CLUSTER_DISABLED = 'ERR This instance has cluster support disabled';

/** The cluster side of the node; undefined, after the error, where cluster mode is off. */
export function clusterOf({ kernel, reply }: ServerContext): ClusterNode | undefined {
  if (kernel.cluster instanceof ClusterNode) return kernel.cluster;
  reply.error(CLUSTER_DISABLED);
  return undefined;
}

/** What an operator's command answers once its change is on disk; `OK` unless said otherwise. */
type Answer = (reply: ReplyWriter, epoch: number, isNew: boolean) => void;

/**
 * Has the core carry out a command, and answers when the change is on disk, because an operator who has read OK counts
 * on it. Inside EXEC, whose replies stand in one array, the answer does not wait.
 */
export function operate(
  context: ServerContext,
  cluster: ClusterNode,
  command: OperatorCommand,
  answer: Answer = (reply) => reply.ok(),
): void {
  const result = cluster.bus.command(command);
  if (result.error !== undefined) return context.reply.error(result.error);
  const { epoch, isNew, isSaved } = result;
  if (context.isInExec) return answer(context.reply, epoch, isNew);
  replyWhenDone(context, isSaved, (reply, outcome) => {
    if ('value' in outcome) return answer(reply, epoch, isNew);
    const reason = outcome.error instanceof Error ? outcome.error.message : String(outcome.error);
    reply.error(`ERR error saving the cluster node config: ${reason}`);
  });
}
