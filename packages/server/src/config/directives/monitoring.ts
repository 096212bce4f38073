import { keyspaceEvents, percentiles } from '../compound-types.ts';
import { directive } from '../directive.ts';
import { LONG_MAX, integer, text, yesNo } from '../value-types.ts';

/** What the server tells about itself. */
export const monitoringDirectives = [
  directive('slowlog-log-slower-than', integer(-1n, LONG_MAX), '10000', { effect: 'works' }),
  directive('slowlog-max-len', integer(0n, LONG_MAX), '128', { effect: 'works' }),
  directive('latency-monitor-threshold', integer(0n, LONG_MAX), '0', { effect: 'works' }),
  directive('latency-tracking', yesNo, 'yes', { effect: 'works' }),
  directive('latency-tracking-info-percentiles', percentiles, '50 99 99.9', {
    effect: 'works',
    is: ['multiWord'],
  }),
  directive('metrics-port', integer(0n, 65_535n), '0', {
    effect: 'works',
    is: ['immutable'],
    note: "Kvartz's own: HTTP with /metrics (Prometheus), /livez and /readyz; 0 is none.",
  }),
  directive('metrics-bind', text(), '127.0.0.1', {
    effect: 'works',
    is: ['immutable'],
    note: "Kvartz's own: the address of `metrics-port`.",
  }),
  directive('notify-keyspace-events', keyspaceEvents, '', { effect: 'works' }),
];
