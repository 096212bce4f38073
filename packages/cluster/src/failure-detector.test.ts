import { equal } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { configOf, id, random, record } from '../test/support.ts';
import { ClusterCore } from './core.ts';
import { tickMs } from './settings.ts';

const nodeTimeoutMs = 2_000;
const settings = { host: '', port: 7_000, busPort: 17_000, hostname: '', nodeTimeoutMs, requireFullCoverage: false };

/** Node a among five masters with slots, so that three of them are a majority; with a clock that ticks. */
class FiveMasters {
  readonly core: ClusterCore;
  nowMs = 0;

  constructor() {
    const names = ['a', 'b', 'c', 'd', 'e'];
    let config = configOf(...names.map((name, i) => record(name, { configEpoch: i + 1 })));
    for (const [i, name] of names.entries()) config = config.withSlots([{ first: i, last: i }], id(name));
    this.core = new ClusterCore(settings, config, random());
    this.core.step({ kind: 'tick', nowMs: 0 });
    this.core.step({ kind: 'linkAccepted', nowMs: 0, link: -1, localHost: '10.0.0.1', remoteHost: '10.0.0.9' });
  }

  runUntil(endMs: number): void {
    for (; this.nowMs < endMs; this.core.step({ kind: 'tick', nowMs: this.nowMs })) this.nowMs += tickMs;
  }

  /** A master says that it cannot reach b. */
  report(from: string): void {
    const message = { kind: 'report', from: id(from), down: [id('b')], up: [] } as const;
    this.core.step({ kind: 'frame', nowMs: this.nowMs, link: -1, message });
  }

  get reportCount(): number {
    return this.core.failureReports(id('b'));
  }

  get health(): string {
    return this.core.config.nodes.get(id('b'))!.health;
  }
}

describe('failure reports', () => {
  test('count for two node timeouts, and no longer', () => {
    const masters = new FiveMasters();
    masters.runUntil(1_000);
    masters.report('c');
    masters.runUntil(2_000);
    masters.report('d');
    masters.runUntil(1_000 + 2 * nodeTimeoutMs);
    equal(masters.reportCount, 2);
    masters.runUntil(1_000 + 2 * nodeTimeoutMs + tickMs);
    equal(masters.reportCount, 1);
    masters.runUntil(2_000 + 2 * nodeTimeoutMs + tickMs);
    equal(masters.reportCount, 0);
  });

  test('said again count from then on, once', () => {
    const masters = new FiveMasters();
    masters.runUntil(1_000);
    masters.report('c');
    masters.runUntil(3_000);
    masters.report('c');
    masters.runUntil(3_000 + 2 * nodeTimeoutMs);
    equal(masters.reportCount, 1);
  });

  test('of two others and the own opinion are a majority of five', () => {
    const masters = new FiveMasters();
    masters.runUntil(4_000);
    equal(masters.health, 'pfail');
    masters.report('c');
    masters.runUntil(masters.nowMs + tickMs);
    equal(masters.health, 'pfail');
    masters.report('d');
    masters.runUntil(masters.nowMs + tickMs);
    equal(masters.health, 'fail');
  });

  test('that are too old make no majority with newer ones', () => {
    const masters = new FiveMasters();
    masters.runUntil(4_000);
    masters.report('c');
    masters.runUntil(4_000 + 2 * nodeTimeoutMs + tickMs);
    masters.report('d');
    masters.runUntil(masters.nowMs + 1_000);
    equal(masters.health, 'pfail');
    masters.report('c');
    masters.runUntil(masters.nowMs + tickMs);
    equal(masters.health, 'fail');
  });
});
