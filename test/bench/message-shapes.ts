import { publishLoad } from './publish-load.ts';
import type { Shape } from './shapes.ts';

const asFast = { metric: 'throughput', ratio: 1 } as const;
/** Where one message goes to one client our load is slower than either server. */
const noDearer = { metric: 'cpuPerOperation', ratio: 1.05 } as const;

const publishing = [
  ['PUBLISH to 1', { subscribers: 1, channels: 1 }, noDearer],
  ['PUBLISH to 100', { subscribers: 100, channels: 1 }, asFast],
  ['PUBLISH to 1,000', { subscribers: 1_000, channels: 1 }, asFast],
  ['PUBLISH to 10,000', { subscribers: 10_000, channels: 1 }, asFast],
  ['PUBLISH 100,000 chan.', { subscribers: 100, channels: 100_000 }, noDearer],
] as const;

/** What the server sends, or has to remember to send, to others than the client that asks. */
export function messageShapes(): Shape[] {
  return [
    {
      name: 'GET tracked P16',
      command: 'get-tracking',
      pipeline: 16,
      valueBytes: 3,
      // Each of the 50 clients comes to hold them all.
      keysMax: 10_000,
      benchmark: (keys) => ['--enable-tracking', '-t', 'get', '-r', String(keys)],
      target: asFast,
    },
    ...publishing.map(([name, options, target]): Shape => ({
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
