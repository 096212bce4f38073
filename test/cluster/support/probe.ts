import { setTimeout as sleep } from 'node:timers/promises';
import { coreWaitMs } from './core-waits.ts';
import type { TestNode } from './test-node.ts';

/** What a well-behaved client sees while others misbehave. */
export interface Probe {
  readonly pings: number;
  readonly slowestMs: number;
  /** The same without the time for which the node, or the client itself, waited for a core: other work on the machine. */
  readonly slowestOwnMs: number;
}

const intervalMs = 10;

/** Pings the node again and again, each time waiting for the answer, while `work` runs. */
export async function probeDuring(node: TestNode, work: () => Promise<void>): Promise<Probe> {
  const client = await node.connect();
  let isWorking = true;
  const working = work().finally(() => (isWorking = false));
  let pings = 0;
  let slowestMs = 0;
  let slowestOwnMs = 0;
  const waitedMs = () => coreWaitMs(node.pid) + coreWaitMs('self');
  try {
    while (isWorking) {
      const waitedBeforeMs = waitedMs();
      const sentMs = performance.now();
      const reply = await client.ask('PING');
      if (reply !== '+PONG') throw new Error(`PING was answered with ${JSON.stringify(reply)}:\n${node.output}`);
      const tookMs = performance.now() - sentMs;
      slowestMs = Math.max(slowestMs, tookMs);
      slowestOwnMs = Math.max(slowestOwnMs, tookMs - (waitedMs() - waitedBeforeMs));
      pings++;
      await sleep(intervalMs);
    }
  } finally {
    client.close();
    await working;
  }
  return { pings, slowestMs, slowestOwnMs };
}
