import { setTimeout as sleep } from 'node:timers/promises';
import type { TestNode } from './test-node.ts';

/** What a well-behaved client sees while others misbehave. */
export interface Probe {
  readonly pings: number;
  readonly slowestMs: number;
}

const intervalMs = 10;

/** Pings the node again and again, each time waiting for the answer, while `work` runs. */
export async function probeDuring(node: TestNode, work: () => Promise<void>): Promise<Probe> {
  const client = await node.connect();
  let isWorking = true;
  const working = work().finally(() => (isWorking = false));
  let pings = 0;
  let slowestMs = 0;
  try {
    while (isWorking) {
      const sentMs = performance.now();
      const reply = await client.ask('PING');
      if (reply !== '+PONG') throw new Error(`PING was answered with ${JSON.stringify(reply)}:\n${node.output}`);
      slowestMs = Math.max(slowestMs, performance.now() - sentMs);
      pings++;
      await sleep(intervalMs);
    }
  } finally {
    client.close();
    await working;
  }
  return { pings, slowestMs };
}
