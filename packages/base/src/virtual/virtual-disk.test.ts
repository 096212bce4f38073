import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { diskSuite } from '../suites/index.ts';
import { textOf, utf8Bytes } from '../text.ts';
import { VirtualWorld } from './virtual-world.ts';

describe('VirtualDisk: as every disk', () => {
  diskSuite(test, async () => {
    const world = new VirtualWorld({ seed: 1 });
    return { disk: world.env('h', { rootFolder: '/data' }).disk, complete: (promise) => world.complete(promise) };
  });
});

describe('VirtualDisk: faults', () => {
  test('the nth operation fails, those around it do not', async () => {
    const world = new VirtualWorld({ seed: 1 });
    const { disk } = world.env('h');
    const file = disk.openSync('log', 'append');
    world.volume('h').failOperation(2, 'EIO');
    const one = utf8Bytes('1');
    file.writeSync(one, 0, 1);
    await rejects(world.complete(file.write(one)), { code: 'EIO', syscall: 'write' });
    file.writeSync(one, 0, 1);
    equal(textOf(await world.complete(disk.readFile('log'))), '11');
  });

  test('a full disk takes what fits and says ENOSPC', async () => {
    const world = new VirtualWorld({ seed: 1 });
    const { disk } = world.env('h');
    world.volume('h').capacityBytes = 10;
    const file = disk.openSync('log', 'append');
    file.writeSync(utf8Bytes('12345678'), 0, 8);
    await rejects(world.complete(file.write(utf8Bytes('abcdef'))), { code: 'ENOSPC' });
    equal(textOf(await world.complete(disk.readFile('log'))), '12345678ab');
  });

  test('writeFileAtomic that fails at any step leaves the old content and no other file', async () => {
    for (let step = 1; step <= 4; step++) {
      const world = new VirtualWorld({ seed: step });
      const { disk } = world.env('h');
      await world.complete(disk.writeFileAtomic('f', utf8Bytes('old')));
      world.volume('h').failOperation(step);
      await rejects(world.complete(disk.writeFileAtomic('f', utf8Bytes('new'))), { code: 'EIO' });
      equal(textOf(await world.complete(disk.readFile('f'))), 'old');
      deepEqual(await world.complete(disk.list('/')), ['f']);
    }
  });
});

describe('VirtualDisk: loss of power', () => {
  /** What a file holds after a loss of power, over many seeds. */
  async function outcomes(
    prepare: (world: VirtualWorld, step: (promise: Promise<unknown>) => Promise<void>) => Promise<void>,
  ): Promise<Set<string>> {
    const seen = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      const world = new VirtualWorld({ seed });
      await prepare(world, async (promise) => {
        await world.complete(promise);
      });
      world.powerOff('h');
      world.powerOn('h');
      const { disk } = world.env('h');
      const content = await world
        .complete(disk.readFile('f'))
        .catch((error: { code: string }) => utf8Bytes(error.code));
      seen.add(textOf(content));
    }
    return seen;
  }

  test('synced bytes of a synced name stay; un-synced bytes may go, in part, or be torn', async () => {
    const seen = await outcomes(async (world, step) => {
      const { disk } = world.env('h');
      const file = disk.openSync('f', 'append');
      file.writeSync(utf8Bytes('safe '), 0, 5);
      file.syncSync();
      await step(disk.syncFolder('/'));
      file.writeSync(utf8Bytes('lost'), 0, 4);
    });
    for (const content of seen)
      ok(/^safe (l|lo|los|lost|\0+|l\0+|lo\0+|los\0)?$/.test(content), JSON.stringify(content));
    ok(seen.has('safe ') && seen.has('safe lost') && seen.has('safe lo') && seen.has('safe lo\0'), [...seen].join('|'));
  });

  test('a name that was not synced may be gone', async () => {
    const seen = await outcomes(async (world) => {
      const file = world.env('h').disk.openSync('f', 'append');
      file.writeSync(utf8Bytes('x'), 0, 1);
      file.syncSync();
    });
    deepEqual([...seen].toSorted(), ['ENOENT', 'x']);
  });

  test('a rename that was not synced may not have happened; a synced one has', async () => {
    const rename = (isSynced: boolean) =>
      outcomes(async (world, step) => {
        const { disk } = world.env('h');
        await step(disk.writeFileAtomic('f', utf8Bytes('old')));
        await step(disk.writeFileAtomic('g', utf8Bytes('new')));
        await step(disk.rename('g', 'f'));
        if (isSynced) await step(disk.syncFolder('/'));
      });
    deepEqual([...(await rename(false))].toSorted(), ['new', 'old']);
    deepEqual([...(await rename(true))], ['new']);
  });

  test('names that were not synced may be there in part, a later one without an earlier one', async () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      const world = new VirtualWorld({ seed });
      for (const name of ['a', 'b']) world.env('h').disk.openSync(name, 'append');
      world.powerOff('h');
      world.powerOn('h');
      const names = await world.complete(world.env('h').disk.list('/'));
      seen.add(names.join());
    }
    deepEqual([...seen].toSorted(), ['', 'a', 'a,b', 'b']);
  });

  test('a cut that was not synced may come back', async () => {
    const seen = await outcomes(async (world, step) => {
      const { disk } = world.env('h');
      await step(disk.writeFileAtomic('f', utf8Bytes('keep|drop')));
      const file = disk.openSync('f', 'append');
      await step(file.truncate(5));
    });
    deepEqual([...seen].toSorted(), ['keep|', 'keep|drop']);
  });

  test('a sync that failed has saved nothing, even when the next one succeeds', async () => {
    const seen = await outcomes(async (world, step) => {
      const { disk } = world.env('h');
      await step(disk.writeFileAtomic('f', utf8Bytes('a')));
      const file = disk.openSync('f', 'append');
      file.writeSync(utf8Bytes('b'), 0, 1);
      world.volume('h').failOperation(1);
      await step(file.sync().catch(() => {}));
      file.syncSync();
    });
    ok(seen.has('a') && seen.has('ab'), [...seen].join('|'));
  });

  test('what is cut off and written again after a sync that failed is saved by the next', async () => {
    const seen = await outcomes(async (world, step) => {
      const { disk } = world.env('h');
      await step(disk.writeFileAtomic('f', utf8Bytes('a')));
      const file = disk.openSync('f', 'append');
      file.writeSync(utf8Bytes('b'), 0, 1);
      world.volume('h').failOperation(1);
      await step(file.sync().catch(() => {}));
      await step(file.truncate(1));
      file.writeSync(utf8Bytes('b'), 0, 1);
      file.syncSync();
    });
    deepEqual([...seen], ['ab']);
  });

  test('writeFileAtomic stopped at any moment leaves the old content or the new', async () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 300; seed++) {
      const world = new VirtualWorld({ seed });
      const first = world.env('h');
      await world.complete(first.disk.writeFileAtomic('f', utf8Bytes('old')));
      void first.disk.writeFileAtomic('f', utf8Bytes('new')).then(() => seen.add('reported'));
      await world.run((seed % 30) / 20);
      const isReported = seen.has('reported');
      world.powerOff('h');
      world.powerOn('h');
      const { disk } = world.env('h');
      const content = textOf(await world.complete(disk.readFile('f')));
      if (isReported) equal(content, 'new');
      seen.delete('reported');
      seen.add(content);
    }
    deepEqual([...seen].toSorted(), ['new', 'old']);
  });

  test('a killed process loses nothing that it wrote: its machine goes on', async () => {
    const world = new VirtualWorld({ seed: 1 });
    const first = world.env('h');
    const file = first.disk.openSync('f', 'append');
    file.writeSync(utf8Bytes('page cache'), 0, 10);
    first.crash();
    equal(textOf(await world.complete(world.env('h').disk.readFile('f'))), 'page cache');
  });

  test('a lock ends with its process', async () => {
    const world = new VirtualWorld({ seed: 1 });
    const first = world.env('h');
    await world.complete(first.disk.lock('l'));
    const second = world.env('h');
    await rejects(world.complete(second.disk.lock('l')), { code: 'EWOULDBLOCK' });
    first.crash();
    await world.complete(second.disk.lock('l'));
  });
});
