/** What `RdbParser.next` has come to. */
export const RdbEvent = {
  /** All that has arrived is used up: feed more, or call `finish`. */
  needMore: 0,
  /** `key` and `value`: a field of information about the file. */
  aux: 1,
  /** `db`. */
  selectDb: 2,
  /** `count` keys are to come, `expiringCount` of them with an expiry. */
  resizeDb: 3,
  /** `value`: the code of a library. */
  functionLibrary: 4,
  /** `moduleName`: a module's data beside the keys; passed over. */
  moduleAux: 5,
  /** `key` and `value`: a string. */
  string: 6,
  /** `key`, `type` and `count`: the elements follow, or the nodes. */
  begin: 7,
  /** `element`, and, by type: `value` and `fieldExpireAtMs` of a hash, `score` of a sorted set. */
  element: 8,
  /** `key`, `type` and `value`: a collection in one packed string. */
  blob: 9,
  /** `value`: a packed node of a list, or one element if `isPlain`; of a stream: a node with its ID in `stream.nodeId`. */
  node: 10,
  /** Of a stream, behind its nodes: all in `stream` up to `groupCount`. */
  streamHead: 11,
  /** `element`, the name of a consumer group, and `stream`. */
  streamGroup: 12,
  /** `stream`: an entry that is pending in the group. */
  streamPending: 13,
  /** `element`, the name of a consumer of the group, and `stream`. */
  streamConsumer: 14,
  /** `stream.pendingId`: an entry of the group that is pending for the consumer. */
  streamOwned: 15,
  /** `key` and `moduleName`: a value that nobody but the module understands; passed over. */
  moduleValue: 16,
  /** All of what `begin` has begun was there. */
  end: 17,
  /** The end of the file; its sum is right, or was not to be checked. */
  eof: 18,
} as const;
export type RdbEvent = (typeof RdbEvent)[keyof typeof RdbEvent];
