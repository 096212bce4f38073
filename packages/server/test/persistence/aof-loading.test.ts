import { latin1Bytes, latin1Of } from '@kvartz/base';
import { encodeRequest } from '@kvartz/resp';
import { describe, expect, test } from 'vitest';
import { loadAppendOnlyFiles, type LoadedAof, readManifest } from '../../src/persistence/aof-loading.ts';
import { DataFileError } from '../../src/persistence/data-file-error.ts';
import { type TestClient, TestServer } from '../support/test-server.ts';

const wire = (...commands: readonly string[]): string =>
  commands.map((words) => latin1Of(encodeRequest(words.split(' ')))).join('');

const folder = 'appendonlydir';
const incr = `${folder}/appendonly.aof.1.incr.aof`;
const oneIncrement = 'file appendonly.aof.1.incr.aof seq 1 type i\n';
const twoIncrements = `${oneIncrement}file appendonly.aof.2.incr.aof seq 2 type i\n`;
const incr2 = `${folder}/appendonly.aof.2.incr.aof`;

interface Loaded {
  readonly server: TestServer;
  readonly client: TestClient;
  readonly outcome: LoadedAof | DataFileError;
  read(path: string): Promise<string>;
  files(path?: string): Promise<string[]>;
}

/** A server without data, which then loads these files. */
async function load(
  files: Readonly<Record<string, string | Uint8Array>>,
  directives: Record<string, string> = {},
  file?: string,
): Promise<Loaded> {
  const server = await TestServer.start({
    directives: { save: '', ...directives },
    ...(file !== undefined && { file }),
  });
  const { disk } = server.env;
  const { kernel, world } = server;
  for (const [path, content] of Object.entries(files)) {
    if (path.includes('/') && !(await world.complete(disk.exists(folder))))
      await world.complete(disk.makeFolder(folder));
    const bytes = typeof content === 'string' ? latin1Bytes(content) : content;
    await world.complete(disk.writeFileAtomic(path, bytes));
  }
  const work = async (): Promise<LoadedAof | DataFileError> => {
    try {
      return await loadAppendOnlyFiles(kernel, await readManifest(kernel), kernel.persistence.loading);
    } catch (error) {
      if (error instanceof DataFileError) return error;
      throw error;
    }
  };
  const outcome = await world.complete(work());
  return {
    server,
    outcome,
    client: await server.connect(),
    read: async (path) => latin1Of(await world.complete(disk.readFile(path))),
    files: (path = folder) => world.complete(disk.list(path)),
  };
}

describe('whole files', () => {
  test('a base of commands and two increments, one after the other', async () => {
    const { client, outcome, server } = await load({
      [`${folder}/appendonly.aof.manifest`]: `file appendonly.aof.1.base.aof seq 1 type b\n${twoIncrements}`,
      [`${folder}/appendonly.aof.1.base.aof`]: wire('SELECT 0', 'SET a 1', 'RPUSH l x'),
      [incr]: wire('SELECT 3', 'SET c 3', 'SELECT 0', 'RPUSH l y'),
      [incr2]: wire('SELECT 0', 'MULTI', 'DEL a', 'SET b 2', 'EXEC'),
    });
    expect(outcome).toMatchObject({ baseBytes: 79, manifest: { incrementSeq: 2 } });
    expect(await client.ask('KEYS *')).toHaveLength(2);
    expect(await client.ask('LRANGE l 0 -1')).toEqual(['x', 'y']);
    expect(await client.ask('GET b')).toBe('2');
    await client.ask('SELECT 3');
    expect(await client.ask('GET c')).toBe('3');
    expect(server.logLines.filter((line) => /DB loaded from (base|incr) file/.test(line))).toHaveLength(3);
    expect(server.kernel.context.dirty).toBe(0);
  });

  test('each file begins in database 0', async () => {
    const { client } = await load({
      [`${folder}/appendonly.aof.manifest`]: twoIncrements,
      [incr]: wire('SELECT 3', 'SET c 3'),
      [incr2]: wire('SET a 1'),
    });
    expect(await client.ask('GET a')).toBe('1');
  });

  test('a base that is an RDB file, and a file that is both', async () => {
    const maker = await TestServer.start();
    const client = await maker.connect();
    await client.ask('SET a 1');
    await client.ask('SET soon 1 PX 1');
    expect(await client.ask('SAVE')).toBe('OK');
    const rdb = await maker.world.complete(maker.env.disk.readFile('dump.rdb'));
    const both = new Uint8Array([...rdb, ...latin1Bytes(wire('SELECT 0', 'SET b 2', 'PERSIST soon'))]);
    for (const [base, increment] of [
      [rdb, both.subarray(rdb.length)],
      [both, new Uint8Array(0)],
    ]) {
      const loaded = await load({
        [`${folder}/appendonly.aof.manifest`]: `file appendonly.aof.1.base.rdb seq 1 type b\n${oneIncrement}`,
        [`${folder}/appendonly.aof.1.base.rdb`]: base,
        [incr]: increment,
      });
      // A key whose time is over is there for the commands that follow.
      expect(await loaded.client.ask('MGET a b soon')).toEqual(['1', '2', '1']);
    }
  });

  test('times that are past wait for the end of the file; then they count', async () => {
    const { client } = await load({
      [`${folder}/appendonly.aof.manifest`]: oneIncrement,
      [incr]: wire(
        'SET kept 1 PXAT 1000',
        'PERSIST kept',
        'SET gone 1',
        'PEXPIREAT gone 1000',
        'HSET h f 1',
        'HPEXPIREAT h 1000 FIELDS 1 f',
      ),
    });
    expect(await client.ask('MGET kept gone')).toEqual(['1', null]);
    expect(await client.ask('HGET h f')).toBeNull();
  });

  test('nobody is told, and nothing is counted as a change', async () => {
    const { client, server } = await load(
      { [`${folder}/appendonly.aof.manifest`]: oneIncrement, [incr]: wire('SET a 1', 'PUBLISH c m', 'BLPOP none 0') },
      { 'notify-keyspace-events': 'KEA', maxmemory: '1mb' },
    );
    expect(await client.ask('INFO stats')).toContain('total_commands_processed:1');
    expect(server.kernel.blocking.isEmpty).toBe(true);
  });

  test('annotations are passed over', async () => {
    const { client } = await load({
      [`${folder}/appendonly.aof.manifest`]: oneIncrement,
      [incr]: `#TS:1700000000\r\n${wire('SET a 1')}#TS:1700000001\r\n`,
    });
    expect(await client.ask('GET a')).toBe('1');
  });

  test('commands that were renamed or removed are still known by their own names', async () => {
    const { client } = await load(
      { [`${folder}/appendonly.aof.manifest`]: oneIncrement, [incr]: wire('SET a 1', 'put b 2', 'SET c 3', 'DEL c') },
      {},
      'port 6379\nrename-command SET put\nrename-command DEL ""\n',
    );
    expect(await client.ask('MGET a b c')).toEqual(['1', '2', null]);
  });

  test('nothing is there yet', async () => {
    const { outcome, files } = await load({});
    expect(outcome).toMatchObject({ sizeBytes: 0, manifest: { isEmpty: true } });
    expect(await files('.')).toEqual([]);
  });
});

describe('a file of one file becomes a base', () => {
  const text = wire('SELECT 0', 'SET a 1');
  const manifestText = 'file appendonly.aof seq 1 type b\n';

  test('for the first time', async () => {
    const { client, files, outcome, read } = await load({ 'appendonly.aof': text });
    expect(await client.ask('GET a')).toBe('1');
    expect(await files()).toEqual(['appendonly.aof', 'appendonly.aof.manifest']);
    expect(await files('.')).toEqual([folder]);
    expect(await read(`${folder}/appendonly.aof.manifest`)).toBe(manifestText);
    expect(outcome).toMatchObject({ sizeBytes: text.length, baseBytes: text.length });
  });

  test('after a crash in between', async () => {
    const { client } = await load({ 'appendonly.aof': text, [`${folder}/appendonly.aof.manifest`]: manifestText });
    expect(await client.ask('GET a')).toBe('1');
  });

  test('but not where there is a newer one', async () => {
    const { client, files } = await load({
      'appendonly.aof': text,
      [`${folder}/appendonly.aof.manifest`]: oneIncrement,
      [incr]: wire('SET a 2'),
    });
    expect(await client.ask('GET a')).toBe('2');
    expect(await files('.')).toEqual(['appendonly.aof', folder]);
  });
});

describe('files that end too early', () => {
  const good = wire('SET a 1');
  for (const [name, tail, log] of [
    [
      'in a command',
      wire('SET b 2').slice(0, -2),
      'it ends in the middle of a command at offset 52, where 2 more bytes of a value of 1 should follow. Cut off 25 bytes from offset 27 on (0 commands and one that was not whole)',
    ],
    [
      'in a transaction',
      wire('MULTI', 'SET b 2'),
      'it ends between MULTI and EXEC at offset 69, where EXEC should follow. Cut off 42 bytes from offset 27 on (2 commands)',
    ],
    [
      'with zeros',
      '*3\0\0',
      'it ends with zero bytes at offset 29, where a count of arguments should follow. Cut off 4 bytes from offset 27 on (0 commands)',
    ],
  ] as const) {
    test(name, async () => {
      const files = { [`${folder}/appendonly.aof.manifest`]: oneIncrement, [incr]: good + tail };
      const { client, outcome, read, server } = await load(files);
      expect(outcome).toMatchObject({ sizeBytes: good.length });
      expect(await client.ask('MGET a b')).toEqual(['1', null]);
      expect(await read(incr)).toBe(good);
      expect(await read(`${incr}.tail-${good.length}`)).toBe(tail);
      expect(server.logLines).toContain(
        `Append-only file ${incr}: ${log}; they are kept in ${incr}.tail-${good.length}.`,
      );
      const refused = await load(files, { 'aof-load-truncated': 'no' });
      expect(refused.outcome).toBeInstanceOf(DataFileError);
      expect(String(refused.outcome)).toContain("or set 'aof-load-truncated yes'");
      expect(await refused.read(incr)).toBe(good + tail);
    });
  }

  test('an end that was kept before is not lost', async () => {
    const { files } = await load({
      [`${folder}/appendonly.aof.manifest`]: oneIncrement,
      [incr]: `${good}*`,
      [`${incr}.tail-27`]: 'older',
    });
    expect(await files()).toContain('appendonly.aof.1.incr.aof.tail-27.2');
  });

  test('in front of empty files, but not in front of others', async () => {
    const files = { [`${folder}/appendonly.aof.manifest`]: twoIncrements, [incr]: `${good}*3\r\n` };
    const { client } = await load({ ...files, [incr2]: '' });
    expect(await client.ask('GET a')).toBe('1');
    const { outcome } = await load({ ...files, [incr2]: good });
    expect(String(outcome)).toMatch(/is not the last file/);
  });
});

describe('what the server does not start with', () => {
  const manifest = { [`${folder}/appendonly.aof.manifest`]: oneIncrement };
  const good = wire('SET a 1');
  for (const [name, files, text] of [
    [
      'a manifest that is wrong',
      { [`${folder}/appendonly.aof.manifest`]: 'file a\n' },
      'appendonly.aof.manifest cannot be loaded: Invalid AOF manifest file format, at line 1',
    ],
    [
      'a file that is missing',
      manifest,
      `${incr} cannot be loaded: the manifest names it, and the disk says: No such file or directory`,
    ],
    [
      'damage in the middle',
      { ...manifest, [incr]: `${good}x${good}` },
      `AOF corrupt at offset 27: expected '*' or '#', found "x*3\\r\\n$3\\r\\nSET"`,
    ],
    ['an unknown command', { ...manifest, [incr]: good + wire('NOSUCH 1') }, "unknown command 'NOSUCH' at offset 27"],
    [
      'an unknown subcommand',
      { ...manifest, [incr]: wire('XGROUP NOSUCH a b') },
      "unknown command 'XGROUP' at offset 0",
    ],
    [
      'too few words',
      { ...manifest, [incr]: good + good + wire('SET a') },
      "'set' with 2 words, at offset 54, is no command",
    ],
    [
      'a command of connections',
      { ...manifest, [incr]: wire('SUBSCRIBE a') },
      "'subscribe' at offset 0 has no place in an append-only file",
    ],
    [
      'a command of the server',
      { ...manifest, [incr]: wire('MULTI', 'SHUTDOWN', 'EXEC') },
      "'shutdown' at offset 15 has no place",
    ],
    [
      'a database that is not there',
      { ...manifest, [incr]: wire('SELECT 16') },
      "expected a database below 16 (see the directive 'databases') at offset 0, found 16",
    ],
    [
      'a base that is no RDB file',
      { ...manifest, [incr]: 'REDIS0099' },
      'RDB unsupported at offset 0: expected a version from 1 to 12, found 0099',
    ],
  ] as const) {
    test(name, async () => {
      const { outcome } = await load(files);
      expect(outcome).toBeInstanceOf(DataFileError);
      expect((outcome as DataFileError).message).toContain(text);
    });
  }

  test('commands that answer errors are told of, and no reason', async () => {
    const { client, server } = await load({ ...manifest, [incr]: wire('SET a 1', 'LPUSH a 1', 'SET b 2') });
    expect(await client.ask('MGET a b')).toEqual(['1', '2']);
    expect(server.logLines).toContainEqual(
      expect.stringContaining("'lpush' of the append-only file, at offset 27, answered an error"),
    );
  });
});

test('clients have their turn while much is loaded', async () => {
  const text = wire(...Array.from({ length: 50 }, (_, i) => `SET key:${i} ${i}`));
  const server = await TestServer.start({ directives: { save: '', 'key-load-delay': '1000' } });
  const { kernel, world } = server;
  await world.complete(server.env.disk.makeFolder(folder));
  await world.complete(server.env.disk.writeFileAtomic(`${folder}/appendonly.aof.manifest`, latin1Bytes(oneIncrement)));
  await world.complete(server.env.disk.writeFileAtomic(incr, latin1Bytes(text)));
  const client = await server.connect();
  const manifest = await world.complete(readManifest(kernel));
  const loading = loadAppendOnlyFiles(kernel, manifest, kernel.persistence.loading);
  const info = String(await client.ask('INFO persistence'));
  expect(info).toContain('loading:1');
  expect(info).toContain(`loading_total_bytes:${text.length}`);
  expect(Number(/loading_loaded_bytes:(\d+)/.exec(info)?.[1])).toBeLessThan(text.length);
  await world.complete(loading);
  expect(await client.ask('DBSIZE')).toBe(50);
});
