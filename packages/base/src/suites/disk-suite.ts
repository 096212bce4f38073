import { assert } from '../assert.ts';
import type { Disk } from '../env.ts';
import { textOf, utf8Bytes } from '../text.ts';

export interface DiskUnderTest {
  /** With an empty root folder. */
  readonly disk: Disk;
  /** Waits for a promise; on a virtual disk by running its world. */
  complete<T>(promise: Promise<T>): Promise<T>;
  /** Called after each test. */
  dispose?(): Promise<void>;
}

/**
 * What every Disk has to do, for any test runner:
 *
 *   diskSuite(test, async () => ({ disk: new RealDisk(folder), complete: (promise) => promise }));
 */
export function diskSuite(
  test: (name: string, body: () => Promise<void>) => void,
  makeDisk: () => Promise<DiskUnderTest>,
): void {
  for (const [name, body] of Object.entries(claims)) {
    test(name, async () => {
      const { disk, complete, dispose } = await makeDisk();
      try {
        await complete(body(disk));
      } finally {
        await dispose?.();
      }
    });
  }
}

const claims: Record<string, (disk: Disk) => Promise<void>> = {
  'append: makes a file, and goes on at its end when opened again': async (disk) => {
    for (const part of ['one ', 'two ', 'three']) {
      const file = await disk.open('log', 'append');
      await file.write(utf8Bytes(part));
      await file.close();
    }
    same(textOf(await disk.readFile('log')), 'one two three');
  },

  'create: empties what is there': async (disk) => {
    await put(disk, 'file', 'long content');
    await put(disk, 'file', 'short');
    same(textOf(await disk.readFile('file')), 'short');
  },

  'exclusive: refuses what is there': async (disk) => {
    await (await disk.open('file', 'exclusive')).close();
    await fails(disk.open('file', 'exclusive'), 'EEXIST');
  },

  'read: the file must exist': async (disk) => {
    await fails(disk.open('missing', 'read'), 'ENOENT');
    await fails(disk.readFile('missing'), 'ENOENT');
    failsSync(() => disk.openSync('missing', 'read'), 'ENOENT');
  },

  'read: a file opened for reading cannot be written': async (disk) => {
    await put(disk, 'file', 'x');
    const file = await disk.open('file', 'read');
    await fails(file.write(utf8Bytes('y')), 'EBADF');
    await file.close();
    same(textOf(await disk.readFile('file')), 'x');
  },

  'read: any offset, short at the end, 0 past it': async (disk) => {
    await put(disk, 'file', '0123456789');
    const file = await disk.open('file', 'read');
    const target = new Uint8Array(4);
    same(await file.read(target, 3), 4);
    same(textOf(target), '3456');
    same(await file.read(target, 8), 2);
    same(textOf(target, 0, 2), '89');
    same(await file.read(target, 10), 0);
    same(await file.read(target, 99), 0);
    same(await file.sizeBytes(), 10);
    await file.close();
  },

  'write: reading does not move the place where writes go': async (disk) => {
    const file = await disk.open('file', 'create');
    await file.write(utf8Bytes('ab'));
    same(await file.read(new Uint8Array(1), 0), 1);
    await file.write(utf8Bytes('cd'));
    await file.close();
    same(textOf(await disk.readFile('file')), 'abcd');
  },

  'writeSync: a range of the bytes, in order with other writes': async (disk) => {
    const file = disk.openSync('file', 'append');
    file.writeSync(utf8Bytes('__first__'), 2, 7);
    file.syncSync();
    await file.write(utf8Bytes(' second'));
    file.writeSync(utf8Bytes(' third'), 0, 6);
    await file.sync();
    await file.close();
    same(textOf(await disk.readFile('file')), 'first second third');
  },

  'write: large content': async (disk) => {
    const content = Uint8Array.from({ length: 1_000_000 }, (_, i) => i * 7 + (i >> 8));
    const file = await disk.open('file', 'create');
    await file.write(content);
    file.writeSync(content, 1, 300_001);
    await file.close();
    const stored = await disk.readFile('file');
    same(stored.length, 1_300_000);
    for (let i = 0; i < stored.length; i++) {
      const expected = content[i < content.length ? i : i - content.length + 1];
      if (stored[i] !== expected) same(`byte ${i} is ${stored[i]}`, `byte ${i} is ${expected}`);
    }
  },

  'truncate: writes go on at the cut': async (disk) => {
    const file = await disk.open('file', 'append');
    await file.write(utf8Bytes('valid|broken'));
    await file.truncate(6);
    same(await file.sizeBytes(), 6);
    await file.write(utf8Bytes('next'));
    await file.truncate(12);
    await file.close();
    same(textOf(await disk.readFile('file')), 'valid|next\0\0');
  },

  'truncateSync: what was written in part is taken back at once': async (disk) => {
    const file = disk.openSync('file', 'append');
    file.writeSync(utf8Bytes('whole|torn'), 0, 10);
    file.truncateSync(6);
    file.writeSync(utf8Bytes('next'), 0, 4);
    await file.close();
    same(textOf(await disk.readFile('file')), 'whole|next');
    failsSync(() => file.truncateSync(0), 'EBADF');
  },

  'close: twice is once, and nothing can be done after it': async (disk) => {
    const file = await disk.open('file', 'append');
    await file.close();
    await file.close();
    failsSync(() => file.writeSync(utf8Bytes('x'), 0, 1), 'EBADF');
    await fails((async () => file.write(utf8Bytes('x')))(), 'EBADF');
  },

  'rename: replaces the target': async (disk) => {
    await put(disk, 'new', 'new content');
    await put(disk, 'old', 'old content');
    await disk.rename('new', 'old');
    same(textOf(await disk.readFile('old')), 'new content');
    same(await disk.exists('new'), false);
    await fails(disk.rename('new', 'old'), 'ENOENT');
  },

  'remove: the name goes, an open file stays readable': async (disk) => {
    await put(disk, 'file', 'content');
    const file = await disk.open('file', 'read');
    await disk.remove('file');
    same(await disk.exists('file'), false);
    await fails(disk.remove('file'), 'ENOENT');
    same(await file.read(new Uint8Array(7), 0), 7);
    await file.close();
  },

  'folders: made with those above, listed sorted, not recursively': async (disk) => {
    await disk.makeFolder('a/b');
    await disk.makeFolder('a/b');
    for (const name of ['a/z', 'a/k', 'a/b/inner']) await put(disk, name, name);
    same((await disk.list('a')).join(), 'b,k,z');
    same((await disk.list('a/b')).join(), 'inner');
    same(await disk.exists('a/b'), true);
    same(await disk.exists('a/z/x'), false);
    await fails(disk.list('missing'), 'ENOENT');
    await fails(disk.open('missing/file', 'create'), 'ENOENT');
    await disk.syncFolder('a');
    await fails(disk.syncFolder('missing'), 'ENOENT');
  },

  'lock: one holder at a time, also within a process': async (disk) => {
    const first = await disk.lock('nodes.conf.lock');
    await fails(disk.lock('nodes.conf.lock'), 'EWOULDBLOCK');
    await disk.lock('other.lock');
    await first.release();
    await first.release();
    const second = await disk.lock('nodes.conf.lock');
    await fails(disk.lock('nodes.conf.lock'), 'EWOULDBLOCK');
    await first.release();
    await fails(disk.lock('nodes.conf.lock'), 'EWOULDBLOCK');
    await second.release();
    await fails(disk.lock('missing/nodes.conf.lock'), 'ENOENT');
  },

  'writeFileAtomic: the new content, and no other file is left': async (disk) => {
    await disk.makeFolder('folder');
    for (const content of ['first', 'second, longer', '']) {
      await disk.writeFileAtomic('folder/nodes.conf', utf8Bytes(content));
      same(textOf(await disk.readFile('folder/nodes.conf')), content);
    }
    same((await disk.list('folder')).join(), 'nodes.conf');
    await fails(disk.writeFileAtomic('missing/nodes.conf', utf8Bytes('x')), 'ENOENT');
  },
};

async function put(disk: Disk, path: string, content: string): Promise<void> {
  const file = await disk.open(path, 'create');
  await file.write(utf8Bytes(content));
  await file.close();
}

function same(actual: unknown, expected: unknown): void {
  assert(Object.is(actual, expected), `expected ${String(expected)}, found ${String(actual)}`);
}

async function fails(promise: Promise<unknown>, code: string): Promise<void> {
  const outcome = await promise.then(
    () => 'success',
    (error: { code?: string }) => error.code,
  );
  same(outcome, code);
}

function failsSync(body: () => unknown, code: string): void {
  let outcome: string | undefined = 'success';
  try {
    body();
  } catch (error) {
    outcome = (error as { code?: string }).code;
  }
  same(outcome, code);
}
