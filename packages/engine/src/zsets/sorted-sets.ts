import type { CollectionHost } from '../keyspace-collections.ts';

export class SortedSets {
  protected readonly host: CollectionHost;

  constructor(host: CollectionHost) {
    this.host = host;
  }
}
