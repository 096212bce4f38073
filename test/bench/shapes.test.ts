import { expect, test } from 'vitest';
import { collectionShapes } from './collection-shapes.ts';
import { messageShapes } from './message-shapes.ts';
import { meets, stringShapes, targetOf } from './shapes.ts';

for (const [command, pipeline, valueBytes, metric, ratio] of [
  ['set', 1, 3, 'cpuPerOperation', 1.05],
  ['get', 1, 1024, 'cpuPerOperation', 1.05],
  ['get', 16, 64, 'throughput', 1.25],
  ['mset', 64, 1024, 'throughput', 1.5],
  ['get', 1, 65_536, 'throughput', 0.9],
  ['set', 16, 65_536, 'throughput', 0.9],
] as const)
  test(`target of ${command} P${pipeline} with ${valueBytes} bytes: ${metric} ${ratio}`, () =>
    expect(targetOf({ command, pipeline, valueBytes })).toEqual({ metric, ratio }));

test('a throughput target is a lower bound, a CPU target an upper one', () => {
  expect(meets({ metric: 'throughput', ratio: 1.25 }, 1.3)).toBe(true);
  expect(meets({ metric: 'throughput', ratio: 1.25 }, 1.2)).toBe(false);
  expect(meets({ metric: 'cpuPerOperation', ratio: 1.05 }, 1.0)).toBe(true);
  expect(meets({ metric: 'cpuPerOperation', ratio: 1.05 }, 1.1)).toBe(false);
  expect(meets({ metric: 'throughput', ratio: 1 }, Number.NaN)).toBe(false);
});

test('every shape has a name of its own', () => {
  const names = [...stringShapes(), ...collectionShapes(), ...messageShapes()].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('GET 64 B P16');
  expect(names).toContain('INCR P64');
  expect(names).toContain('ZRANGE 100 by score');
});
