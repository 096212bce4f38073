import { directive } from '../directive.ts';
import { INT_MAX, LONG_MAX, ULONG_MAX, choice, integer, memory, optionalText, text, yesNo } from '../value-types.ts';

const HOST_LENGTH_MAX = 256;

function checkHostname(name: string): string | undefined {
  if (name.length >= HOST_LENGTH_MAX) return `Hostnames must be less than ${HOST_LENGTH_MAX} characters`;
  return /^[A-Za-z0-9.-]*$/.test(name)
    ? undefined
    : 'Hostnames may only contain alphanumeric characters, hyphens or dots';
}

function checkNodename(name: string): string | undefined {
  if (name.length >= HOST_LENGTH_MAX) return `Human nodenames must be less than ${HOST_LENGTH_MAX} characters`;
  // A node name stands between blanks, commas and colons in CLUSTER NODES.
  return /^[^\0-\x20\x7f!@#$%&()*,/:;<>?[\\\]^{|}~'"]*$/.test(name)
    ? undefined
    : 'Announced human node name contained invalid character';
}

/** The cluster, its bus, and how nodes are announced to clients. */
export const clusterDirectives = [
  directive('cluster-enabled', yesNo, 'no', { effect: 'works', is: ['immutable'] }),
  directive('cluster-config-file', text(), 'nodes.conf', { effect: 'works', is: ['immutable'] }),
  directive('cluster-node-timeout', integer(0n, LONG_MAX), '15000', { effect: 'works' }),
  directive('cluster-port', integer(0n, 65_535n), '0', { effect: 'works', is: ['immutable'] }),
  directive('cluster-secret', optionalText(), '', {
    effect: 'works',
    is: ['immutable', 'sensitive'],
    note: "Kvartz's own: nodes whose secrets differ do not talk to each other.",
  }),
  directive('cluster-announce-ip', optionalText(), '', { effect: 'works' }),
  directive('cluster-announce-port', integer(0n, 65_535n), '0', { effect: 'works' }),
  directive('cluster-announce-bus-port', integer(0n, 65_535n), '0', { effect: 'works' }),
  directive('cluster-announce-tls-port', integer(0n, 65_535n), '0'),
  directive('cluster-announce-hostname', optionalText(checkHostname), '', { effect: 'works' }),
  directive('cluster-announce-human-nodename', optionalText(checkNodename), ''),
  directive('cluster-preferred-endpoint-type', choice(['ip', 'hostname', 'unknown-endpoint']), 'ip', {
    effect: 'works',
  }),
  directive('cluster-require-full-coverage', yesNo, 'yes', { effect: 'works' }),
  directive('cluster-allow-reads-when-down', yesNo, 'no', { effect: 'works' }),
  directive('cluster-allow-pubsubshard-when-down', yesNo, 'yes', { effect: 'works' }),
  directive('cluster-allow-replica-migration', yesNo, 'yes'),
  directive('cluster-migration-barrier', integer(0n, INT_MAX), '1'),
  directive('cluster-replica-validity-factor', integer(0n, INT_MAX), '10', { alias: 'cluster-slave-validity-factor' }),
  directive('cluster-replica-no-failover', yesNo, 'no', { alias: 'cluster-slave-no-failover' }),
  directive('cluster-link-sendbuf-limit', memory(0n, ULONG_MAX), '0'),
];
