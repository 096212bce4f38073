/** What the directives of replication say, as code reads it. */
export interface ReplicationSettings {
  /** Whom to follow from the start; undefined: nobody. */
  readonly replicaOf: { readonly host: string; readonly port: number } | undefined;
  /** Empty: no name goes with the password. */
  readonly masterUser: string;
  /** Empty: the master asks for none. */
  readonly masterAuth: string;
  readonly servesStaleData: boolean;
  readonly isReadOnly: boolean;
  readonly ignoresMaxmemory: boolean;
  readonly priority: number;
  readonly isAnnounced: boolean;
  /** Empty: the address from which the connection comes. */
  readonly announceIp: string;
  /** 0: the port on which we listen. */
  readonly announcePort: number;
  /** Writes are refused with fewer good replicas; 0: never. */
  readonly minReplicasToWrite: number;
  readonly minReplicasMaxLagSeconds: number;
  /** Replies to writes wait for so many replicas; 0: for none. */
  readonly minReplicasToAck: number;
  readonly minReplicasToAckTimeoutMs: number;
  /** Whether they must have them on their disks. */
  readonly minReplicasToAckLevel: 'memory' | 'fsync';
  readonly isDisklessSync: boolean;
  readonly disklessSyncDelaySeconds: number;
  /** So many waiting replicas end the delay; 0: none do. */
  readonly disklessSyncMaxReplicas: number;
  readonly disklessLoad: 'disabled' | 'on-empty-db' | 'swapdb';
  readonly pingSeconds: number;
  readonly timeoutSeconds: number;
  readonly backlogBytes: number;
  /** 0: it is kept. */
  readonly backlogTtlSeconds: number;
}

/** `get` answers a directive as CONFIG GET shows it. */
export function replicationSettings(get: (name: string) => string): ReplicationSettings {
  const number = (name: string): number => Number(get(name));
  const isYes = (name: string): boolean => get(name) === 'yes';
  const [host, port] = get('replicaof').split(' ');
  return {
    replicaOf: port === undefined ? undefined : { host, port: Number(port) },
    masterUser: get('masteruser'),
    masterAuth: get('masterauth'),
    servesStaleData: isYes('replica-serve-stale-data'),
    isReadOnly: isYes('replica-read-only'),
    ignoresMaxmemory: isYes('replica-ignore-maxmemory'),
    priority: number('replica-priority'),
    isAnnounced: isYes('replica-announced'),
    announceIp: get('replica-announce-ip'),
    announcePort: number('replica-announce-port'),
    minReplicasToWrite: number('min-replicas-to-write'),
    minReplicasMaxLagSeconds: number('min-replicas-max-lag'),
    minReplicasToAck: number('min-replicas-to-ack'),
    minReplicasToAckTimeoutMs: number('min-replicas-to-ack-timeout'),
    minReplicasToAckLevel: get('min-replicas-to-ack-level') as ReplicationSettings['minReplicasToAckLevel'],
    isDisklessSync: isYes('repl-diskless-sync'),
    disklessSyncDelaySeconds: number('repl-diskless-sync-delay'),
    disklessSyncMaxReplicas: number('repl-diskless-sync-max-replicas'),
    disklessLoad: get('repl-diskless-load') as ReplicationSettings['disklessLoad'],
    pingSeconds: number('repl-ping-replica-period'),
    timeoutSeconds: number('repl-timeout'),
    backlogBytes: number('repl-backlog-size'),
    backlogTtlSeconds: number('repl-backlog-ttl'),
  };
}
