import { type ByteBuffer, latin1Of } from '@kvartz/base';
import type { Client } from './client.ts';

/** Who watches which key (WATCH). Empty nearly always, and then costs nothing: see `Kernel.isObserved`. */
export class Watches {
  /** By database and key. */
  readonly #watchers = new Map<string, Set<Client>>();

  get isEmpty(): boolean {
    return this.#watchers.size === 0;
  }

  watch(client: Client, dbIndex: number, key: string): void {
    if (client.watched.some((one) => one.dbIndex === dbIndex && one.key === key)) return;
    client.watched.push({ dbIndex, key });
    const id = `${dbIndex}:${key}`;
    const watchers = this.#watchers.get(id);
    if (watchers === undefined) this.#watchers.set(id, new Set([client]));
    else watchers.add(client);
  }

  unwatch(client: Client): void {
    for (const { dbIndex, key } of client.watched) {
      const id = `${dbIndex}:${key}`;
      const watchers = this.#watchers.get(id);
      watchers?.delete(client);
      if (watchers?.size === 0) this.#watchers.delete(id);
    }
    client.watched = [];
    client.isWatchBroken = false;
  }

  keyChanged(dbIndex: number, key: ByteBuffer, start: number, end: number): void {
    const watchers = this.#watchers.get(`${dbIndex}:${latin1Of(key.u8, start, end)}`);
    for (const client of watchers ?? []) client.isWatchBroken = true;
  }

  /** FLUSHDB, SWAPDB: every watched key of the database for which `hasChanged` says so (given the key, a character a byte). */
  databaseChanged(dbIndex: number, hasChanged: (key: string) => boolean): void {
    for (const [id, watchers] of this.#watchers) {
      const colon = id.indexOf(':');
      if (Number(id.slice(0, colon)) !== dbIndex || !hasChanged(id.slice(colon + 1))) continue;
      for (const client of watchers) client.isWatchBroken = true;
    }
  }
}
