import { bindAddresses, outputBufferLimits } from '../compound-types.ts';
import { directive } from '../directive.ts';
import { INT_MAX, UINT_MAX, choice, integer, memory, octal, optionalText, yesNo, LONG_MAX } from '../value-types.ts';

const listening = 'Kvartz binds its addresses when it starts: change the configuration file and restart.';

/** Where to listen, and what a connection may hold. */
export const networkDirectives = [
  directive('bind', bindAddresses, '* -::*', {
    effect: 'works',
    is: ['multiWord'],
    startOnly: listening,
    note: 'Read when the server starts.',
  }),
  directive('port', integer(0n, 65_535n), '6379', {
    effect: 'works',
    startOnly: listening,
    note: 'Read when the server starts.',
  }),
  directive('unixsocket', optionalText(), '', { effect: 'works', is: ['immutable'] }),
  directive('unixsocketperm', octal(0n, 0o777n), '0', { effect: 'works', is: ['immutable'] }),
  directive('tcp-backlog', integer(0n, INT_MAX), '511', { effect: 'works', is: ['immutable'] }),
  directive('tcp-keepalive', integer(0n, INT_MAX), '300', {
    effect: 'works',
    note: 'For connections made afterwards.',
  }),
  directive('timeout', integer(0n, INT_MAX), '0', { effect: 'works' }),
  directive('maxclients', integer(1n, UINT_MAX), '10000', { effect: 'works' }),
  directive('protected-mode', yesNo, 'yes', { effect: 'works' }),
  directive('requirepass', optionalText(), '', { effect: 'works', is: ['sensitive'] }),
  directive('client-query-buffer-limit', memory(1_048_576n, LONG_MAX), '1073741824', { effect: 'works' }),
  directive('proto-max-bulk-len', memory(1_048_576n, LONG_MAX), '536870912', { effect: 'works' }),
  directive(
    'client-output-buffer-limit',
    outputBufferLimits,
    'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
    { effect: 'works', is: ['multiWord'] },
  ),
  directive('bind-source-addr', optionalText(), ''),
  directive('socket-mark-id', integer(0n, UINT_MAX), '0', { is: ['immutable'] }),
  directive('io-threads', integer(1n, 128n), '1', { is: ['immutable'] }),
  directive('io-threads-do-reads', yesNo, 'no', { is: ['immutable'] }),
  directive('tracking-table-max-keys', integer(0n, LONG_MAX), '1000000', { effect: 'works' }),
  directive('acl-pubsub-default', choice(['allchannels', 'resetchannels']), 'resetchannels'),
  directive('aclfile', optionalText(), '', { is: ['immutable'] }),
  directive('acllog-max-len', integer(0n, LONG_MAX), '128'),
];
