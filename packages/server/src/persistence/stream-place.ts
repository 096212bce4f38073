/** Where in which history of replication a snapshot stands, as its fields `repl-id`, `repl-offset` and `repl-stream-db` say. */
export class StreamPlace {
  /** The database that the stream had selected. */
  dbIndex = 0;
  #replId = '';
  #offset = -1;

  note(name: string, value: string): void {
    if (name === 'repl-id' && /^[0-9a-f]{40}$/.test(value)) this.#replId = value;
    else if (name === 'repl-offset' && /^\d{1,15}$/.test(value)) this.#offset = Number(value);
    else if (name === 'repl-stream-db' && /^\d{1,9}$/.test(value)) this.dbIndex = Number(value);
  }

  /** Undefined: it does not say. */
  get position(): { readonly replId: string; readonly offset: number } | undefined {
    if (this.#replId === '' || this.#offset < 0) return undefined;
    return { replId: this.#replId, offset: this.#offset };
  }
}
