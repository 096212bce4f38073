import { masterAddress } from '../compound-types.ts';
import { directive } from '../directive.ts';
import { INT_MAX, LONG_MAX, choice, integer, memory, optionalText, yesNo } from '../value-types.ts';

/** Masters and replicas. */
export const replicationDirectives = [
  directive('replicaof', masterAddress, '', {
    alias: 'slaveof',
    is: ['immutable', 'multiWord'],
    note: 'Replication is not there yet: the server stays a master.',
  }),
  directive('masteruser', optionalText(), '', { is: ['sensitive'] }),
  directive('masterauth', optionalText(), '', { is: ['sensitive'] }),
  directive('replica-serve-stale-data', yesNo, 'yes', { alias: 'slave-serve-stale-data' }),
  directive('replica-read-only', yesNo, 'yes', { alias: 'slave-read-only' }),
  directive('replica-ignore-maxmemory', yesNo, 'yes', { alias: 'slave-ignore-maxmemory' }),
  directive('replica-ignore-disk-write-errors', yesNo, 'no'),
  directive('replica-lazy-flush', yesNo, 'no', { alias: 'slave-lazy-flush' }),
  directive('replica-priority', integer(0n, INT_MAX), '100', { alias: 'slave-priority' }),
  directive('replica-announced', yesNo, 'yes'),
  directive('replica-announce-ip', optionalText(), '', { alias: 'slave-announce-ip' }),
  directive('replica-announce-port', integer(0n, 65_535n), '0', { alias: 'slave-announce-port' }),
  directive('min-replicas-to-write', integer(0n, INT_MAX), '0', { alias: 'min-slaves-to-write' }),
  directive('min-replicas-max-lag', integer(0n, INT_MAX), '10', { alias: 'min-slaves-max-lag' }),
  directive('repl-diskless-sync', yesNo, 'yes'),
  directive('repl-diskless-sync-delay', integer(0n, INT_MAX), '5'),
  directive('repl-diskless-sync-max-replicas', integer(0n, INT_MAX), '0'),
  directive('repl-diskless-load', choice(['disabled', 'on-empty-db', 'swapdb']), 'disabled', {
    is: ['deniedWhileLoading'],
  }),
  directive('repl-disable-tcp-nodelay', yesNo, 'no'),
  directive('repl-ping-replica-period', integer(1n, INT_MAX), '10', { alias: 'repl-ping-slave-period' }),
  directive('repl-timeout', integer(1n, INT_MAX), '60'),
  directive('repl-backlog-size', memory(1n, LONG_MAX), '1048576'),
  directive('repl-backlog-ttl', integer(0n, LONG_MAX), '3600'),
  directive('propagation-error-behavior', choice(['ignore', 'panic', 'panic-on-replicas']), 'ignore'),
];
