import { savePoints } from '../compound-types.ts';
import { directive } from '../directive.ts';
import { INT_MAX, INT_MIN, LONG_MAX, choice, integer, memory, text, yesNo } from '../value-types.ts';

const baseName =
  (what: string, kind: string, mayBeEmpty: boolean) =>
  (value: string): string | undefined => {
    if (value === '') return mayBeEmpty ? undefined : `${what} can't be empty`;
    return /[/\\]/.test(value) ? `${what} can't be a path, just a ${kind}` : undefined;
  };

/** Snapshots and the append-only file. */
export const persistenceDirectives = [
  directive('save', savePoints, '3600 1 300 100 60 10000', {
    effect: 'works',
    is: ['multiWord'],
  }),
  directive('dbfilename', text(baseName('dbfilename', 'filename', true)), 'dump.rdb', {
    effect: 'works',
    is: ['protected'],
  }),
  directive('rdbcompression', yesNo, 'yes', { effect: 'works' }),
  directive('rdbchecksum', yesNo, 'yes', { effect: 'works', is: ['immutable'] }),
  directive('rdb-version', integer(9n, 12n), '10', {
    effect: 'works',
    note: "Kvartz's own: version of the RDB files that are written.",
  }),
  directive('rdb-del-sync-files', yesNo, 'no', { note: 'There are no files for replicas.' }),
  directive('rdb-save-incremental-fsync', yesNo, 'yes', { effect: 'works' }),
  directive('rdb-key-save-delay', integer(INT_MIN, INT_MAX), '0', { effect: 'works', is: ['hidden'] }),
  directive('key-load-delay', integer(INT_MIN, INT_MAX), '0', { effect: 'works', is: ['hidden'] }),
  directive('loading-process-events-interval-bytes', integer(1024n, INT_MAX), '2097152', { is: ['hidden'] }),
  directive('sanitize-dump-payload', choice(['no', 'yes', 'clients']), 'no', { note: 'Everything is always checked.' }),
  directive('stop-writes-on-bgsave-error', yesNo, 'yes', { effect: 'works' }),
  directive('appendonly', yesNo, 'no', { effect: 'works', is: ['deniedWhileLoading'] }),
  directive('appendfilename', text(baseName('appendfilename', 'filename', false)), 'appendonly.aof', {
    effect: 'works',
    is: ['immutable'],
  }),
  directive('appenddirname', text(baseName('appenddirname', 'dirname', false)), 'appendonlydir', {
    effect: 'works',
    is: ['immutable'],
  }),
  directive('appendfsync', choice(['everysec', 'always', 'no']), 'everysec', { effect: 'works' }),
  directive('no-appendfsync-on-rewrite', yesNo, 'no', { effect: 'works' }),
  directive('auto-aof-rewrite-percentage', integer(0n, INT_MAX), '100', { effect: 'works' }),
  directive('auto-aof-rewrite-min-size', memory(0n, LONG_MAX), '67108864', { effect: 'works' }),
  directive('aof-load-truncated', yesNo, 'yes', { effect: 'works' }),
  directive('aof-use-rdb-preamble', yesNo, 'yes', { effect: 'works' }),
  directive('aof-timestamp-enabled', yesNo, 'no', { effect: 'works' }),
  directive('aof-rewrite-incremental-fsync', yesNo, 'yes', { effect: 'works' }),
  directive('aof-disable-auto-gc', yesNo, 'no', { effect: 'works' }),
];
