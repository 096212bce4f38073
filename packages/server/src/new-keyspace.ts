import type { ByteBuffer } from '@kvartz/base';
import { KeyEvents } from '@kvartz/commands';
import { Keyspace } from '@kvartz/engine';
import { keySlot } from '@kvartz/router';
import type { Kernel } from './kernel.ts';

/** An empty database of this node. */
export function newKeyspace(kernel: Kernel, hashKey: readonly [number, number]): Keyspace {
  return new Keyspace({
    arena: kernel.arena,
    hashKey,
    ...(kernel.config.clusterEnabled && {
      slotOf: (key: ByteBuffer, start: number, end: number) => keySlot(key.u8, start, end),
    }),
    onExpired: (keyspace, key) => kernel.observers.expired(keyspace, key),
    onFieldExpired: (keyspace, key, field) => {
      kernel.context.expiredFields++;
      kernel.effects.recordFieldDelete(kernel.databases.indexOf(keyspace), key, field);
    },
    onFieldsExpired: (keyspace, key, isGone) => kernel.observers.fieldsExpired(keyspace, key, isGone),
    onAdded: (keyspace, { buffer, start, end }) => {
      kernel.notifications.tell(kernel.databases.indexOf(keyspace), KeyEvents.newKey, buffer, start, end);
    },
  });
}
