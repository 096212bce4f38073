import { clientMemory } from '../../client-memory.ts';
import type { Kernel } from '../../kernel.ts';
import { isSubscriber } from '../../pubsub/subscriptions.ts';
import { type Field, humanBytes, type Section } from './section.ts';

/** Bytes, all of them. docs/memory.md tells what is counted where. */
export interface MemoryFacts {
  /** Live blocks of the arena. */
  readonly usedBytes: number;
  readonly peakBytes: number;
  /** Of these, what is index and not data. */
  readonly indexBytes: number;
  /** Pages of the arena that hold blocks: `usedBytes` and free blocks between them. */
  readonly reservedBytes: number;
  /** Pages of the arena that the system has given: what `maxmemory` limits. */
  readonly arenaBytes: number;
  /** The whole process. */
  readonly residentBytes: number;
  /** 0: no limit. */
  readonly limitBytes: number;
  readonly clientBytes: number;
}

export function memoryFacts({ arena, clients, config, databases, processFacts }: Kernel): MemoryFacts {
  return {
    usedBytes: arena.usedBytes,
    peakBytes: Math.max(arena.peakBytes, arena.usedBytes),
    indexBytes: databases.reduce((sum, { indexBytes }) => sum + indexBytes, 0),
    reservedBytes: arena.reservedBytes,
    arenaBytes: arena.residentBytes,
    residentBytes: processFacts.residentBytes(),
    limitBytes: config.maxmemoryBytes,
    clientBytes: [...clients.values()].reduce((sum, one) => sum + (isSubscriber(one) ? 0 : clientMemory(one)), 0),
  };
}

/** A part of a whole as INFO and MEMORY STATS give fragmentation; 0 of nothing. */
export function ratioOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

export function percentOf(part: number, whole: number): number {
  return whole === 0 ? 100 : (part / whole) * 100;
}

export const memorySection: Section = { name: 'Memory', isDefault: true, fields };

function fields(kernel: Kernel): Field[] {
  const facts = memoryFacts(kernel);
  const { arenaBytes, clientBytes, indexBytes, limitBytes, peakBytes, reservedBytes, residentBytes, usedBytes } = facts;
  const dataBytes = usedBytes - indexBytes;
  const systemBytes = kernel.processFacts.systemBytes();
  return [
    ...withHuman('used_memory', usedBytes),
    ...withHuman('used_memory_rss', residentBytes),
    ...withHuman('used_memory_peak', peakBytes),
    ['used_memory_peak_perc', `${percentOf(usedBytes, peakBytes).toFixed(2)}%`],
    ['used_memory_overhead', indexBytes],
    ['used_memory_startup', 0],
    ['used_memory_dataset', dataBytes],
    ['used_memory_dataset_perc', `${percentOf(dataBytes, usedBytes).toFixed(2)}%`],
    ['allocator_allocated', usedBytes],
    ['allocator_active', reservedBytes],
    ['allocator_resident', arenaBytes],
    ...withHuman('total_system_memory', systemBytes),
    ['used_memory_lua', 0],
    ['used_memory_vm_eval', 0],
    ['used_memory_lua_human', humanBytes(0)],
    ['used_memory_scripts_eval', 0],
    ['number_of_cached_scripts', 0],
    ['number_of_functions', 0],
    ['number_of_libraries', 0],
    ['used_memory_vm_functions', 0],
    ...withHuman('used_memory_vm_total', 0),
    ['used_memory_functions', 0],
    ...withHuman('used_memory_scripts', 0),
    ...withHuman('maxmemory', limitBytes),
    ['maxmemory_policy', kernel.config.maxmemoryPolicy],
    ...compared('allocator_frag', reservedBytes, usedBytes),
    ...compared('allocator_rss', arenaBytes, reservedBytes),
    ...compared('rss_overhead', residentBytes, arenaBytes),
    ...compared('mem_fragmentation', residentBytes, usedBytes),
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

function withHuman(name: string, bytes: number): Field[] {
  return [
    [name, bytes],
    [`${name}_human`, humanBytes(bytes)],
  ];
}

function compared(name: string, part: number, whole: number): Field[] {
  return [
    [`${name}_ratio`, ratioOf(part, whole).toFixed(2)],
    [`${name}_bytes`, part - whole],
  ];
}
