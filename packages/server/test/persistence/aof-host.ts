import { latin1Of } from '@kvartz/base';
import { type VirtualEnv, type VirtualVolume, VirtualWorld } from '@kvartz/base/virtual';
import type { DirectiveValue } from '../../src/index.ts';
import type { AofWriter } from '../../src/persistence/aof/aof-writer.ts';
import { TestServer } from '../support/test-server.ts';

type Directives = Readonly<Record<string, DirectiveValue>>;

/** A machine with a server that has an append-only file, which can be killed, lose its power and be started again. */
export class AofHost {
  readonly world: VirtualWorld;
  readonly #directives: Directives;
  #server: TestServer | undefined;

  private constructor(world: VirtualWorld, directives: Directives) {
    this.world = world;
    this.#directives = directives;
  }

  static async start(directives: Directives = {}, seed = 1): Promise<AofHost> {
    const host = new AofHost(new VirtualWorld({ seed }), { appendonly: true, save: '', ...directives });
    await host.restart();
    return host;
  }

  get server(): TestServer {
    if (this.#server === undefined) throw new Error('the server does not run');
    return this.#server;
  }

  get writer(): AofWriter {
    return this.server.kernel.persistence.appendOnlyFile.writer;
  }

  get volume(): VirtualVolume {
    return this.world.volume('10.0.0.1');
  }

  /** `more`: directives beside those of the first start. */
  async restart(more: Directives = {}): Promise<void> {
    this.#server = await TestServer.start({ world: this.world, directives: { ...this.#directives, ...more } });
  }

  /** kill -9 */
  async kill(): Promise<void> {
    (this.server.env as VirtualEnv).crash();
    this.#server = undefined;
    await this.world.run(10);
  }

  async losePower(): Promise<void> {
    this.world.powerOff('10.0.0.1');
    this.#server = undefined;
    await this.world.run(10);
    this.world.powerOn('10.0.0.1');
  }

  /** Content of a file of the append-only file's folder. */
  async text(name: string): Promise<string> {
    const env = this.world.env('10.0.0.1', { rootFolder: '/srv' });
    const bytes = await this.world.complete(env.disk.readFile(`appendonlydir/${name}`));
    return latin1Of(bytes, 0, bytes.length);
  }

  async files(): Promise<string[]> {
    const env = this.world.env('10.0.0.1', { rootFolder: '/srv' });
    return this.world.complete(env.disk.list('appendonlydir'));
  }

  /** Fields of INFO persistence. */
  async info(): Promise<Record<string, string>> {
    const client = await this.server.connect();
    const text = String(await client.ask('INFO persistence'));
    client.connection.end();
    return Object.fromEntries(
      text
        .split('\r\n')
        .filter((line) => line.includes(':'))
        .map((line) => line.split(':') as [string, string]),
    );
  }
}
