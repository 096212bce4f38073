import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReplyError } from '@kvartz/resp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWhere } from '../support/programs.ts';
import { Tmpfs, tmpfsObstacle } from './support/tmpfs.ts';
import { Victim } from './support/victim.ts';
import type { Wire } from './support/wire.ts';

const diskBytes = 6 * 2 ** 20;
const ballastBytes = 4 * 2 ** 20;
const valueBytes = 50_000;
const returnMs = 15_000;
const misconf = 'MISCONF Errors writing to the AOF file: No space left on device';

function valueOf(n: number): string {
  return `${n}:`.padEnd(valueBytes, String(n % 10));
}

/** Writes from `first` on until one is refused, or the connection is closed, or `count` have been acknowledged. */
async function write(wire: Wire, first: number, count: number): Promise<{ next: number; refusal?: string }> {
  for (let n = first; n < first + count; n++) {
    const [reply] = await wire.ask(['SET', `key:${n}`, valueOf(n)]).catch(() => [new ReplyError('closed')]);
    if (reply instanceof ReplyError) return { next: n, refusal: reply.message };
  }
  return { next: first + count };
}

async function expectAll(wire: Wire, end: number): Promise<void> {
  for (let n = 0; n < end; n++) expect((await wire.ask(['GET', `key:${n}`]))[0] === valueOf(n), `key:${n}`).toBe(true);
}

describeWhere(tmpfsObstacle(), 'a disk filled to the brim', () => {
  let disk: Tmpfs;
  let folder: string;
  let ballast: string;
  let victim: Victim | undefined;
  beforeEach(() => {
    disk = new Tmpfs(diskBytes);
    folder = join(disk.folder, 'data');
    mkdirSync(folder);
    ballast = join(disk.folder, 'ballast');
    writeFileSync(ballast, Buffer.alloc(ballastBytes));
  });
  afterEach(async () => {
    await victim?.remove();
    disk.remove();
  });

  async function start(...directives: string[]): Promise<Wire> {
    victim = await Victim.create(directives, { folder });
    victim.start();
    return victim.ready();
  }

  async function killAndStart(): Promise<Wire> {
    await victim!.kill();
    victim!.start();
    return victim!.ready();
  }

  /** Writes are taken again within a while; the next number. */
  async function expectReturn(wire: Wire, next: number): Promise<number> {
    const deadline = performance.now() + returnMs;
    for (;;) {
      const more = await write(wire, next, 3);
      if (more.refusal === undefined) return more.next;
      expect(more.refusal).toMatch(/^MISCONF /);
      if (performance.now() > deadline) throw new Error(`there is space, and yet ${more.refusal}:\n${victim!.output}`);
      await sleep(100);
    }
  }

  test.each(['always', 'everysec'])('an append-only file, %s', async (appendfsync) => {
    const first = await start('--save', '', '--appendonly', 'yes', '--appendfsync', appendfsync);
    const full = await write(first, 0, diskBytes / valueBytes);
    // With `always`: what has happened and is not on the disk is neither acknowledged nor refused.
    expect(full.refusal).toBe(appendfsync === 'always' ? 'closed' : misconf);
    const wire = await victim!.connect();
    expect((await write(wire, full.next, 1)).refusal).toBe(misconf);
    await expectAll(wire, full.next);

    // Killed while the disk is full.
    const again = await killAndStart();
    if (appendfsync === 'always') await expectAll(again, full.next);
    rmSync(ballast);
    // With `everysec` the last one may have been acknowledged and not written; it is written again.
    const next = await expectReturn(again, Math.max(0, full.next - 3));
    await sleep(appendfsync === 'always' ? 0 : 2000);
    await expectAll(await killAndStart(), next);
  });

  test('snapshots', async () => {
    const wire = await start('--save', '3600 1', '--appendonly', 'no', '--rdbcompression', 'no');
    const { next: held } = await write(wire, 0, 60);
    await wire.ask(['BGSAVE']);
    await expect
      .poll(async () => (await write(wire, held, 1)).refusal, { timeout: returnMs })
      .toMatch(/^MISCONF Redis is /);
    await expectAll(wire, held);
    expect(readdirSync(folder)).toEqual([]);
    rmSync(ballast);
    const next = await expectReturn(wire, held);
    expect((await wire.ask(['SAVE']))[0]).toBe('OK');
    await expectAll(await killAndStart(), next);
  });
});
