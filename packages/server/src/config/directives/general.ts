import { folder, oomScoreValues } from '../compound-types.ts';
import { directive } from '../directive.ts';
import { INT_MAX, choice, choices, integer, optionalText, text, yesNo, LONG_MAX } from '../value-types.ts';

const protectedAction = choice(['no', 'yes', 'local']);
const shutdownWords = choices(['default', 'save', 'nosave', 'now', 'force']);
const shutdownOptions = {
  ...shutdownWords,
  parse(...given: Parameters<typeof shutdownWords.parse>) {
    const parsed = shutdownWords.parse(...given);
    const words = 'value' in parsed ? parsed.value.split(' ') : [];
    return words.includes('save') && words.includes('nosave')
      ? { error: "shutdown options SAVE and NOSAVE can't be used simultaneously" }
      : parsed;
  },
};

function checkTitle(template: string): string | undefined {
  const variables = ['title', 'listen-addr', 'server-mode', 'port', 'tls-port', 'unixsocket', 'config-file'];
  const rest = template.replaceAll(/\{([^{}]*)\}/g, (whole, name: string) => (variables.includes(name) ? '' : whole));
  return /[{}]/.test(rest) ? 'template format is invalid or contains unknown variables' : undefined;
}

/** The process, its log and its files' folder. */
export const generalDirectives = [
  directive('databases', integer(1n, INT_MAX), '16', { effect: 'works', is: ['immutable'] }),
  directive('dir', folder, '.', {
    effect: 'works',
    is: ['protected', 'deniedWhileLoading'],
    startOnly: 'Kvartz keeps its files in one folder while it runs: change the configuration file and restart.',
    note: 'Shown in full. Read when the server starts.',
  }),
  directive('loglevel', choice(['debug', 'verbose', 'notice', 'warning']), 'notice', { effect: 'works' }),
  directive('logfile', text(), '', { effect: 'works', is: ['immutable'] }),
  directive('log-format', choice(['text', 'json']), 'text', {
    effect: 'works',
    is: ['immutable'],
    note: "Kvartz's own: `text` is the format of redis-server, `json` is one object a line.",
  }),
  directive('pidfile', optionalText(), '', { effect: 'works', is: ['immutable'] }),
  directive('hz', integer(0n, INT_MAX, [1n, 500n]), '10', { effect: 'works', note: 'Brought into 1 to 500.' }),
  directive('enable-debug-command', protectedAction, 'no', { effect: 'works', is: ['immutable'] }),
  directive('enable-protected-configs', protectedAction, 'no', { effect: 'works', is: ['immutable'] }),
  directive('enable-module-command', protectedAction, 'no', { effect: 'works', is: ['immutable'] }),
  directive('daemonize', yesNo, 'no', {
    is: ['immutable'],
    note: 'Kvartz stays in the foreground: leave the background to your service manager.',
  }),
  directive('supervised', choice(['upstart', 'systemd', 'auto', 'no']), 'no', { is: ['immutable'] }),
  directive('dynamic-hz', yesNo, 'yes'),
  directive('always-show-logo', yesNo, 'no', { is: ['immutable'] }),
  directive('set-proc-title', yesNo, 'yes', { is: ['immutable'] }),
  directive('proc-title-template', text(checkTitle), '{title} {listen-addr} {server-mode}'),
  directive('locale-collate', text(), ''),
  directive('syslog-enabled', yesNo, 'no', { is: ['immutable'] }),
  directive('syslog-ident', text(), 'redis', { is: ['immutable'] }),
  directive(
    'syslog-facility',
    choice(['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7']),
    'local0',
    { is: ['immutable'] },
  ),
  directive('crash-log-enabled', yesNo, 'yes'),
  directive('crash-memcheck-enabled', yesNo, 'yes'),
  directive('use-exit-on-panic', yesNo, 'no', { is: ['hidden'] }),
  directive('watchdog-period', integer(0n, INT_MAX), '0', { is: ['hidden'] }),
  directive('ignore-warnings', text(), ''),
  directive('disable-thp', yesNo, 'yes', { is: ['immutable'] }),
  directive('oom-score-adj', choice(['no', 'yes', 'absolute'], { relative: 'yes' }), 'no'),
  directive('oom-score-adj-values', oomScoreValues, '0 200 800', { is: ['multiWord'] }),
  directive('shutdown-timeout', integer(0n, INT_MAX), '10', { effect: 'works' }),
  directive('shutdown-on-sigint', shutdownOptions, 'default', { effect: 'works', is: ['multiWord'] }),
  directive('shutdown-on-sigterm', shutdownOptions, 'default', { effect: 'works', is: ['multiWord'] }),
  directive('busy-reply-threshold', integer(0n, LONG_MAX), '5000', { alias: 'lua-time-limit' }),
  directive('server_cpulist', optionalText(), '', { is: ['immutable'] }),
  directive('bio_cpulist', optionalText(), '', { is: ['immutable'] }),
  directive('aof_rewrite_cpulist', optionalText(), '', { is: ['immutable'] }),
  directive('bgsave_cpulist', optionalText(), '', { is: ['immutable'] }),
];
