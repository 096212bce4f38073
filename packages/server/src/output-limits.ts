import { type Client, Halt } from './client.ts';
import type { OutputBufferLimit } from './config/index.ts';
import type { Kernel } from './kernel.ts';
import { isSubscriber } from './pubsub/subscriptions.ts';

/**
 * A client whose socket is full runs nothing more until it has taken its replies. What it sends meanwhile is kept within limits
 * (KeptRequests), so that it costs bounded memory. (Redis runs on, and buffers replies without limit unless
 * client-output-buffer-limit is set.) Where a limit is set, the limit decides.
 *
 * One waiting reply is enough, since the next one would have to be copied to wait behind it: GET of 64 KiB at pipeline 16 by
 * slow readers, through sockets that hold 256 KiB, cost 55 to 118 us and a full collection every 1000 replies; now 34 and none.
 */
export function pauseCongested(client: Client): void {
  // A replica is sent what the backlog has when it can take it.
  if (client.replica?.isAttached === true) return;
  const { hardBytes, softBytes } = limitsOf(client.kernel, client);
  if (hardBytes > 0 || (client.halts & Halt.congested) !== 0) return;
  if (client.connection.queuedBytes <= softBytes * 2) return;
  client.halts |= Halt.congested;
}

/** What is pushed to a client that does not take it would pile up without end: a monitor is limited as a subscriber is. */
function limitsOf({ config, monitors }: Kernel, client: Client): OutputBufferLimit {
  if (client.replica?.isAttached === true) return config.outputBufferLimits.replica;
  const isPushed = isSubscriber(client) || monitors.has(client);
  return isPushed ? config.outputBufferLimits.pubsub : config.outputBufferLimits.normal;
}

/** `client-output-buffer-limit` of the client's class: the hard limit at once, the soft one when it lasts. */
export function enforceOutputLimits(kernel: Kernel, client: Client): void {
  const queuedBytes = client.replica?.waitingBytes ?? client.connection.queuedBytes;
  const limits = limitsOf(kernel, client);
  const isOverHard = limits.hardBytes > 0 && queuedBytes > limits.hardBytes;
  let isOverSoft = false;
  if (limits.softBytes > 0 && queuedBytes > limits.softBytes) {
    if (client.softLimitSinceMs === 0) client.softLimitSinceMs = kernel.monotonicMs;
    isOverSoft = kernel.monotonicMs - client.softLimitSinceMs > limits.softSeconds * 1000;
  } else client.softLimitSinceMs = 0;
  if (isOverHard || isOverSoft) {
    kernel.stats.outputBufferLimitDisconnections++;
    kernel.log.warning(
      `Client id=${client.id} addr=${client.connection.remote} omem=${queuedBytes} closed for overcoming of output ` +
        'buffer limits.',
    );
    kernel.kill(client);
  } else pauseCongested(client);
}
