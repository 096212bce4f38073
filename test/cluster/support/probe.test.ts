import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { probeDuring } from './probe.ts';
import { TestNode } from './test-node.ts';

test('a node that stands still is seen, whatever else the machine does', async () => {
  const node = await TestNode.start(['--enable-debug-command', 'yes']);
  try {
    const { slowestMs, slowestOwnMs } = await probeDuring(node, async () => {
      await sleep(100);
      expect(await node.ask('DEBUG', 'SLEEP', '0.5')).toBe('+OK');
    });
    expect(slowestOwnMs).toBeGreaterThan(350);
    expect(slowestOwnMs).toBeLessThanOrEqual(slowestMs);
  } finally {
    await node.remove();
  }
});
