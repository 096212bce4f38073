import { publishLoad } from './publish-load.ts';
import type { Shape } from './shapes.ts';

const publishing = [
  ['PUBLISH to 1', { subscribers: 1, channels: 1 }],
  ['PUBLISH to 100', { subscribers: 100, channels: 1 }],
  ['PUBLISH to 1,000', { subscribers: 1_000, channels: 1 }],
  ['PUBLISH to 10,000', { subscribers: 10_000, channels: 1 }],
  ['PUBLISH 100,000 chan.', { subscribers: 100, channels: 100_000 }],
] as const;

/** What the server sends, or has to remember to send, to others than the client that asks. */
export function messageShapes(): Shape[] {
  const target = { metric: 'throughput', ratio: 1 } as const;
  return [
    {
      name: 'GET tracked P16',
      command: 'get-tracking',
      pipeline: 16,
      valueBytes: 3,
      // Each of the 50 clients comes to hold them all.
      keysMax: 10_000,
      benchmark: (keys) => ['--enable-tracking', '-t', 'get', '-r', String(keys)],
      target,
    },
    ...publishing.map(([name, options]): Shape => ({
      name,
      command: 'publish',
      pipeline: 16,
      valueBytes: 0,
      keysMax: 1,
      benchmark: () => [],
      own: publishLoad(options),
      target,
      prepare: async () => {},
    })),
  ];
}
