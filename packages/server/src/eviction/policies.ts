import type { EvictionPolicy } from '@kvartz/engine';

/** By the names of `maxmemory-policy`; `noeviction` is not among them. */
export const evictionPolicies: ReadonlyMap<string, EvictionPolicy> = new Map([
  ['allkeys-lru', { order: 'lru', isVolatile: false }],
  ['allkeys-lfu', { order: 'lfu', isVolatile: false }],
  ['allkeys-random', { order: 'random', isVolatile: false }],
  ['volatile-lru', { order: 'lru', isVolatile: true }],
  ['volatile-lfu', { order: 'lfu', isVolatile: true }],
  ['volatile-random', { order: 'random', isVolatile: true }],
  ['volatile-ttl', { order: 'ttl', isVolatile: true }],
]);
