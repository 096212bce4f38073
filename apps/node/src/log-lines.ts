import { openSync, writeSync } from 'node:fs';
import type { Log, ServerConfig } from '@kvartz/server';

type Level = ServerConfig['loglevel'];

const rank: Readonly<Record<Level, number>> = { debug: 0, verbose: 1, notice: 2, warning: 3 };
const mark: Readonly<Record<Level, string>> = { debug: '.', verbose: '-', notice: '*', warning: '#' };
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Log lines on standard output or in `logfile`, as Redis writes them (`1234:M 05 Jan 2026 10:00:00.123 * text`) or, with
 * `log-format json`, one JSON object a line. Written synchronously: the last line before a crash is the one that counts.
 */
export class LogLines implements Log {
  readonly #config: ServerConfig;
  readonly #pid: number;
  #file = 1;
  #path = '';

  constructor(config: ServerConfig, pid: number) {
    this.#config = config;
    this.#pid = pid;
    this.#reopen();
    config.onChange((names) => {
      if (names.includes('logfile')) this.#reopen();
    });
  }

  debug(text: string): void {
    this.#write('debug', text);
  }

  verbose(text: string): void {
    this.#write('verbose', text);
  }

  notice(text: string): void {
    this.#write('notice', text);
  }

  warning(text: string): void {
    this.#write('warning', text);
  }

  #reopen(): void {
    if (this.#config.logfile === this.#path) return;
    this.#path = this.#config.logfile;
    this.#file = this.#path === '' ? 1 : openSync(this.#path, 'a');
  }

  #write(level: Level, text: string): void {
    if (rank[level] < rank[this.#config.loglevel]) return;
    const line = this.#config.logFormat === 'json' ? this.#json(level, text) : this.#text(level, text);
    try {
      writeSync(this.#file, `${line}\n`);
    } catch {
      // A reader that has gone (EPIPE, EAGAIN) or a full disk must not stop the server.
    }
  }

  #text(level: Level, text: string): string {
    const now = new Date();
    const two = (n: number): string => String(n).padStart(2, '0');
    const day = `${two(now.getDate())} ${months[now.getMonth()]} ${now.getFullYear()}`;
    const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
    const ms = String(now.getMilliseconds()).padStart(3, '0');
    return `${this.#pid}:M ${day} ${time}.${ms} ${mark[level]} ${text}`;
  }

  #json(level: Level, text: string): string {
    return JSON.stringify({ time: new Date().toISOString(), level, pid: this.#pid, role: 'master', message: text });
  }
}
