import type { CollectionHost } from '../keyspace-collections.ts';

export class Lists {
  protected readonly host: CollectionHost;

  constructor(host: CollectionHost) {
    this.host = host;
  }
}
