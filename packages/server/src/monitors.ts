import { latin1Of, utf8Bytes } from '@kvartz/base';
import { CommandFlag } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { Client } from './client.ts';
import { quoteWord } from '@kvartz/base';
import type { Kernel } from './kernel.ts';
import { secretArguments } from './secrets.ts';
import type { ServerCommand } from './table.ts';

/**
 * Clients that called MONITOR. Each request that runs is shown to them after it ran, so a command of a transaction stands
 * before its EXEC. While there is one, every command takes the timed path (`Gate.timed`), and otherwise nobody looks here.
 */
export class Monitors {
  readonly #kernel: Kernel;
  readonly #clients = new Set<Client>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get isEmpty(): boolean {
    return this.#clients.size === 0;
  }

  has(client: Client): boolean {
    return this.#clients.has(client);
  }

  add(client: Client): void {
    this.#clients.add(client);
    this.#kernel.refreshGates();
  }

  /** RESET, and connections that end. */
  remove(client: Client): void {
    if (this.#clients.delete(client) && this.isEmpty) this.#kernel.refreshGates();
  }

  /** Commands that operate the server are not shown, nor what a log must not hold. */
  show(client: Client, dbIndex: number, command: ServerCommand, args: Args): void {
    if ((command.flags & (CommandFlag.admin | CommandFlag.skip_monitor)) !== 0) return;
    const line = this.#line(client, dbIndex, command, args);
    for (const monitor of this.#clients) this.#kernel.pushes.append(monitor, line, 0, line.length);
  }

  /** `+1339518083.107412 [0 127.0.0.1:60866] "keys" "*"` */
  #line(client: Client, dbIndex: number, command: ServerCommand, args: Args): Uint8Array {
    const secrets = secretArguments(command.name, args);
    const usec = Math.floor(this.#kernel.env.clock.wallMs() * 1000);
    const fraction = String(usec % 1_000_000).padStart(6, '0');
    const { kind, remote } = client.connection;
    const from = kind === 'unix' ? `unix:${remote.replace(/:0$/, '')}` : remote;
    let text = `+${Math.floor(usec / 1_000_000)}.${fraction} [${dbIndex} ${from}]`;
    for (let i = 0; i < args.count; i++) {
      const word = secrets.includes(i) ? '(redacted)' : latin1Of(args.buffer.u8, args.start[i], args.end[i]);
      text += ` ${quoteWord(word)}`;
    }
    return utf8Bytes(`${text}\r\n`);
  }
}
