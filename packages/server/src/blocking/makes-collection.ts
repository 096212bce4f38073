import { EventClass, type KeyEvent } from '@kvartz/commands';

/** Generic events of a key that may be a collection, and may have come into being just now. */
const arrivals = new Set(['rename_to', 'copy_to', 'move_to', 'restore']);

/**
 * Whether a key of a type that clients wait for may have come into being. What is only read, deleted or of another type
 * makes nothing ready, which decides the order of service inside one transaction, and spares most commands the question.
 */
export function makesCollection({ eventClass, name }: KeyEvent): boolean {
  switch (eventClass) {
    case EventClass.list:
    case EventClass.zset:
      return true;
    case EventClass.stream:
      return name === 'xadd';
    case EventClass.generic:
      return arrivals.has(name);
    default:
      return false;
  }
}
