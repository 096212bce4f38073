import { masterAddress } from '../compound-types.ts';
import { directive } from '../directive.ts';
import { INT_MAX, LONG_MAX, choice, integer, memory, optionalText, yesNo } from '../value-types.ts';

/** Masters and replicas. */
export const replicationDirectives = [
  directive('replicaof', masterAddress, '', {
    alias: 'slaveof',
    effect: 'works',
    is: ['immutable', 'multiWord'],
    note: 'REPLICAOF changes it while the server runs.',
  }),
  directive('masteruser', optionalText(), '', { effect: 'works', is: ['sensitive'] }),
  directive('masterauth', optionalText(), '', { effect: 'works', is: ['sensitive'] }),
  directive('replica-serve-stale-data', yesNo, 'yes', { effect: 'works', alias: 'slave-serve-stale-data' }),
  directive('replica-read-only', yesNo, 'yes', { effect: 'works', alias: 'slave-read-only' }),
  directive('replica-ignore-maxmemory', yesNo, 'yes', { effect: 'works', alias: 'slave-ignore-maxmemory' }),
  directive('replica-ignore-disk-write-errors', yesNo, 'no'),
  directive('replica-lazy-flush', yesNo, 'no', { alias: 'slave-lazy-flush' }),
  directive('replica-priority', integer(0n, INT_MAX), '100', { effect: 'works', alias: 'slave-priority' }),
  directive('replica-announced', yesNo, 'yes', { effect: 'works' }),
  directive('replica-announce-ip', optionalText(), '', { effect: 'works', alias: 'slave-announce-ip' }),
  directive('replica-announce-port', integer(0n, 65_535n), '0', { effect: 'works', alias: 'slave-announce-port' }),
  directive('min-replicas-to-write', integer(0n, INT_MAX), '0', { effect: 'works', alias: 'min-slaves-to-write' }),
  directive('min-replicas-max-lag', integer(0n, INT_MAX), '10', { effect: 'works', alias: 'min-slaves-max-lag' }),
  directive('min-replicas-to-ack', integer(0n, INT_MAX), '0', {
    effect: 'works',
    note: "Kvartz's own: replies to writes wait until so many replicas have the writes. See docs/replication.md.",
  }),
  directive('min-replicas-to-ack-timeout', integer(1n, INT_MAX), '5000', {
    effect: 'works',
    note: "Kvartz's own: milliseconds, after which such a write is answered with -NOREPLICAS.",
  }),
  directive('min-replicas-to-ack-level', choice(['memory', 'fsync']), 'memory', {
    effect: 'works',
    note: "Kvartz's own: `fsync` waits until they have them in their append-only files.",
  }),
  directive('repl-diskless-sync', yesNo, 'yes', { effect: 'works' }),
  directive('repl-diskless-sync-delay', integer(0n, INT_MAX), '5', { effect: 'works' }),
  directive('repl-diskless-sync-max-replicas', integer(0n, INT_MAX), '0', { effect: 'works' }),
  directive('repl-diskless-load', choice(['disabled', 'on-empty-db', 'swapdb']), 'disabled', {
    effect: 'works',
    is: ['deniedWhileLoading'],
  }),
  directive('repl-disable-tcp-nodelay', yesNo, 'no'),
  directive('repl-ping-replica-period', integer(1n, INT_MAX), '10', {
    effect: 'works',
    alias: 'repl-ping-slave-period',
  }),
  directive('repl-timeout', integer(1n, INT_MAX), '60', { effect: 'works' }),
  directive('repl-backlog-size', memory(1n, LONG_MAX), '1048576', { effect: 'works' }),
  directive('repl-backlog-ttl', integer(0n, LONG_MAX), '3600', { effect: 'works' }),
  directive('propagation-error-behavior', choice(['ignore', 'panic', 'panic-on-replicas']), 'ignore'),
];
