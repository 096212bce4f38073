/** Classes of keyspace notifications, by the letters of `notify-keyspace-events`. */
export const EventClass = {
  generic: 'g',
  string: '$',
  list: 'l',
  set: 's',
  hash: 'h',
  zset: 'z',
  expired: 'x',
  evicted: 'e',
  stream: 't',
  keyMiss: 'm',
  newKey: 'n',
} as const;

/** What happened to a key: the class decides who hears of it, the name is what they are told. */
export interface KeyEvent {
  readonly eventClass: (typeof EventClass)[keyof typeof EventClass];
  readonly name: string;
}

export const KeyEvents = {
  append: { eventClass: EventClass.string, name: 'append' },
  copyTo: { eventClass: EventClass.generic, name: 'copy_to' },
  del: { eventClass: EventClass.generic, name: 'del' },
  expire: { eventClass: EventClass.generic, name: 'expire' },
  expired: { eventClass: EventClass.expired, name: 'expired' },
  incrBy: { eventClass: EventClass.string, name: 'incrby' },
  incrByFloat: { eventClass: EventClass.string, name: 'incrbyfloat' },
  moveFrom: { eventClass: EventClass.generic, name: 'move_from' },
  moveTo: { eventClass: EventClass.generic, name: 'move_to' },
  persist: { eventClass: EventClass.generic, name: 'persist' },
  renameFrom: { eventClass: EventClass.generic, name: 'rename_from' },
  renameTo: { eventClass: EventClass.generic, name: 'rename_to' },
  set: { eventClass: EventClass.string, name: 'set' },
  setBit: { eventClass: EventClass.string, name: 'setbit' },
  setRange: { eventClass: EventClass.string, name: 'setrange' },
} as const satisfies Record<string, KeyEvent>;
