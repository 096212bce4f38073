import { directive } from '../directive.ts';
import { INT_MAX, choice, integer, optionalText, yesNo } from '../value-types.ts';

const note = 'TLS is not there yet.';

/** Encrypted connections. */
export const tlsDirectives = [
  directive('tls-port', integer(0n, 65_535n), '0', { note }),
  directive('tls-cluster', yesNo, 'no', { note }),
  directive('tls-replication', yesNo, 'no', { note }),
  directive('tls-auth-clients', choice(['no', 'yes', 'optional']), 'yes', { note }),
  directive('tls-prefer-server-ciphers', yesNo, 'no', { note }),
  directive('tls-session-caching', yesNo, 'yes', { note }),
  directive('tls-session-cache-size', integer(0n, INT_MAX), '20480', { note }),
  directive('tls-session-cache-timeout', integer(0n, INT_MAX), '300', { note }),
  ...[
    'tls-cert-file',
    'tls-key-file',
    'tls-key-file-pass',
    'tls-client-cert-file',
    'tls-client-key-file',
    'tls-client-key-file-pass',
    'tls-dh-params-file',
    'tls-ca-cert-file',
    'tls-ca-cert-dir',
    'tls-protocols',
    'tls-ciphers',
    'tls-ciphersuites',
  ].map((name) =>
    directive(name, optionalText(), '', { note, ...(name.endsWith('-pass') ? { is: ['sensitive'] as const } : {}) }),
  ),
];
