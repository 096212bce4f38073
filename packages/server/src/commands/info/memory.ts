import type { Kernel } from '../../kernel.ts';
import { type Field, humanBytes, type Section } from './section.ts';

/** Bytes, all of them. */
export interface MemoryFacts {
  /** Live data in the arena: what `maxmemory` limits. */
  readonly usedBytes: number;
  readonly peakBytes: number;
  readonly reservedBytes: number;
  readonly residentBytes: number;
  /** 0: no limit. */
  readonly limitBytes: number;
}

export function memoryFacts({ arena, config, processFacts }: Kernel): MemoryFacts {
  return {
    usedBytes: arena.usedBytes,
    peakBytes: Math.max(arena.peakBytes, arena.usedBytes),
    reservedBytes: arena.reservedBytes,
    residentBytes: processFacts.residentBytes(),
    limitBytes: config.maxmemoryBytes,
  };
}

export const memorySection: Section = { name: 'Memory', isDefault: true, fields };

function fields(kernel: Kernel): Field[] {
  const { usedBytes, peakBytes, reservedBytes, residentBytes, limitBytes } = memoryFacts(kernel);
  const systemBytes = kernel.processFacts.systemBytes();
  const clientBytes = clientsBytes(kernel);
  return [
    ['used_memory', usedBytes],
    ['used_memory_human', humanBytes(usedBytes)],
    ['used_memory_rss', residentBytes],
    ['used_memory_rss_human', humanBytes(residentBytes)],
    ['used_memory_peak', peakBytes],
    ['used_memory_peak_human', humanBytes(peakBytes)],
    ['used_memory_peak_perc', percent(usedBytes, peakBytes)],
    ['used_memory_overhead', 0],
    ['used_memory_startup', 0],
    ['used_memory_dataset', usedBytes],
    ['used_memory_dataset_perc', percent(usedBytes, usedBytes)],
    ['allocator_allocated', usedBytes],
    ['allocator_active', reservedBytes],
    ['allocator_resident', kernel.arena.residentBytes],
    ['total_system_memory', systemBytes],
    ['total_system_memory_human', humanBytes(systemBytes)],
    ['used_memory_lua', 0],
    ['used_memory_vm_eval', 0],
    ['used_memory_lua_human', humanBytes(0)],
    ['used_memory_scripts_eval', 0],
    ['number_of_cached_scripts', 0],
    ['number_of_functions', 0],
    ['number_of_libraries', 0],
    ['maxmemory', limitBytes],
    ['maxmemory_human', humanBytes(limitBytes)],
    ['maxmemory_policy', kernel.config.maxmemoryPolicy],
    ['mem_fragmentation_ratio', ratio(residentBytes, usedBytes)],
    ['mem_fragmentation_bytes', residentBytes - usedBytes],
    ['mem_not_counted_for_evict', 0],
    ['mem_replication_backlog', 0],
    ['mem_total_replication_buffers', 0],
    ['mem_clients_slaves', 0],
    ['mem_clients_normal', clientBytes],
    ['mem_cluster_links', 0],
    ['mem_aof_buffer', 0],
    ['mem_allocator', 'kvartz-arena'],
    ['active_defrag_running', 0],
    ['lazyfree_pending_objects', kernel.arena.lazyFree.pendingCount],
    ['lazyfreed_objects', kernel.arena.lazyFree.freedCount],
    ['js_heap_used', kernel.processFacts.heapBytes()],
  ];
}

/** Buffers only: what the clients themselves have caused. */
function clientsBytes({ clients }: Kernel): number {
  let bytes = 0;
  for (const { connection, decoder, transaction } of clients.values()) {
    bytes += decoder.capacityBytes + connection.queuedBytes + (transaction?.argBytes ?? 0);
  }
  return bytes;
}

function percent(part: number, whole: number): string {
  return `${(whole === 0 ? 100 : (part / whole) * 100).toFixed(2)}%`;
}

function ratio(part: number, whole: number): string {
  return (whole === 0 ? 0 : part / whole).toFixed(2);
}
