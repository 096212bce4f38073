import type { Directive } from './directive.ts';
import { clusterDirectives } from './directives/cluster.ts';
import { generalDirectives } from './directives/general.ts';
import { memoryDirectives } from './directives/memory.ts';
import { monitoringDirectives } from './directives/monitoring.ts';
import { networkDirectives } from './directives/network.ts';
import { persistenceDirectives } from './directives/persistence.ts';
import { replicationDirectives } from './directives/replication.ts';
import { tlsDirectives } from './directives/tls.ts';

/** Every directive with a value, by chapter. `include`, `user`, `rename-command` and the like are not values: load.ts. */
export const chapters: readonly { readonly title: string; readonly directives: readonly Directive[] }[] = [
  { title: 'Network', directives: networkDirectives },
  { title: 'General', directives: generalDirectives },
  { title: 'Memory', directives: memoryDirectives },
  { title: 'Persistence', directives: persistenceDirectives },
  { title: 'Replication', directives: replicationDirectives },
  { title: 'Cluster', directives: clusterDirectives },
  { title: 'Monitoring', directives: monitoringDirectives },
  { title: 'TLS', directives: tlsDirectives },
];

export const directives: readonly Directive[] = chapters.flatMap((chapter) => chapter.directives);

const byName = new Map<string, Directive>();
for (const row of directives) {
  for (const name of row.alias === undefined ? [row.name] : [row.name, row.alias]) {
    if (byName.has(name)) throw new Error(`two directives with the name ${name}`);
    byName.set(name, row);
  }
}

/** By name or alias, in any case of letters. */
export function findDirective(name: string): Directive | undefined {
  return byName.get(name.toLowerCase());
}

/** Names and aliases. */
export const directiveNames: readonly string[] = [...byName.keys()];
