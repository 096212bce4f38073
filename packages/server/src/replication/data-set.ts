import type { Keyspace } from '@kvartz/engine';
import type { Kernel } from '../kernel.ts';

/** Databases that another server has filled take the place of ours, in one moment. */
export function replaceDatabases(kernel: Kernel, fresh: readonly Keyspace[]): void {
  const { databases } = kernel;
  tellAll(kernel);
  for (const [i, keyspace] of fresh.entries()) {
    const old = databases[i];
    databases[i] = keyspace;
    old.clear();
  }
  kernel.refreshGates();
  kernel.replication.refreshGates();
}

/** What a master has sent is about to be loaded in place of what there is. */
export function emptyDatabases(kernel: Kernel): void {
  tellAll(kernel);
  for (const database of kernel.databases) database.clear();
}

/** Whoever watches, waits for or caches a key. */
function tellAll({ databases, observers, tracking }: Kernel): void {
  if (!observers.isOn) return;
  for (let i = 0; i < databases.length; i++) observers.databaseChanges(i, i);
  tracking.flushed();
}
