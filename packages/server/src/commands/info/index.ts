import { defineCommands, textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';
import type { Kernel } from '../../kernel.ts';
import { persistenceSection } from './durability.ts';
import { memorySection } from './memory.ts';
import { replicationSection } from './replication.ts';
import { type Section, sectionText } from './section.ts';
import { clientsSection, clusterSection, cpuSection, modulesSection, serverSection } from './server.ts';
import { commandStatsSection, errorStatsSection, keyspaceSection, latencyStatsSection, statsSection } from './stats.ts';

export const infoCommands = defineCommands<ServerContext>([
  { name: 'info', summary: 'What the server tells of itself.', complexity: 'O(1)', run: info },
]);

/** In the order in which they are always answered. */
const sections: readonly Section[] = [
  serverSection,
  clientsSection,
  memorySection,
  persistenceSection,
  statsSection,
  replicationSection,
  cpuSection,
  modulesSection,
  commandStatsSection,
  errorStatsSection,
  latencyStatsSection,
  clusterSection,
  keyspaceSection,
];

/** INFO [section ...]: `default` is what it answers without arguments; `all` and `everything` is everything. */
function info({ kernel, reply }: ServerContext, args: Args): void {
  const names = new Set<string>();
  for (let i = 1; i < args.count; i++) names.add(textAt(args, i).toLowerCase());
  const isAll = names.has('all') || names.has('everything');
  const isDefault = names.size === 0 || names.has('default');
  const chosen = sections.filter(
    (section) => isAll || (isDefault && section.isDefault) || names.has(section.name.toLowerCase()),
  );
  reply.verbatim('txt', chosen.map((section) => sectionText(section, kernel)).join('\r\n'));
}

/** Every field of INFO by name. */
export function infoFields(kernel: Kernel): Map<string, string | number> {
  return new Map(sections.flatMap((section) => section.fields(kernel)));
}
