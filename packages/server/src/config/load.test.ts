import { describe, expect, test } from 'vitest';
import { ConfigError } from './errors.ts';
import { type ConfigSources, loadConfig } from './load.ts';

const fromText = (text: string, others: ConfigSources = {}) =>
  loadConfig({ file: { path: '/etc/a.conf', text }, ...others });

function errorOf(load: () => unknown): ConfigError {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('values as CONFIG GET shows them', () => {
  for (const [text, name, value] of [
    ['port 7000', 'port', '7000'],
    ['PORT 7000', 'port', '7000'],
    ['port 1\nport 2', 'port', '2'],
    ['maxmemory 100mb', 'maxmemory', '104857600'],
    ['maxmemory 1k', 'maxmemory', '1000'],
    ['maxmemory 2GB', 'maxmemory', '2147483648'],
    ['save 900 1', 'save', '900 1'],
    ['save 900 1\nsave 300 10', 'save', '900 1 300 10'],
    ['save 900 1 300 10', 'save', '900 1 300 10'],
    ['save ""', 'save', ''],
    ['save "900 1 300 10"', 'save', '900 1 300 10'],
    ['bind "127.0.0.1 ::1"', 'bind', '127.0.0.1 ::1'],
    ['save ""\nsave 60 5', 'save', '60 5'],
    ['# nothing', 'save', '3600 1 300 100 60 10000'],
    ['slave-read-only no', 'replica-read-only', 'no'],
    ['lua-time-limit 7', 'busy-reply-threshold', '7'],
    ['bind 127.0.0.1 -::1', 'bind', '127.0.0.1 -::1'],
    ['bind ""\nunixsocket /tmp/x.sock', 'bind', ''],
    ['unixsocketperm 0700', 'unixsocketperm', '700'],
    ['hz 10000', 'hz', '500'],
    ['oom-score-adj relative', 'oom-score-adj', 'yes'],
    ['maxmemory-clients 5%', 'maxmemory-clients', '5%'],
    ['notify-keyspace-events KEA', 'notify-keyspace-events', 'AKE'],
    ['notify-keyspace-events "Elg"', 'notify-keyspace-events', 'glE'],
    [
      'client-output-buffer-limit replica 1mb 2kb 10\nclient-output-buffer-limit normal 1 2 3',
      'client-output-buffer-limit',
      'normal 1 2 3 slave 1048576 2048 10 pubsub 33554432 8388608 60',
    ],
    ['shutdown-on-sigterm nosave now', 'shutdown-on-sigterm', 'nosave now'],
    ['requirepass "a \\x00b"', 'requirepass', 'a \0b'],
    ['list-max-ziplist-value 64', 'list-max-listpack-size', '-2'],
    ['replicaof no one', 'replicaof', ''],
    ['slaveof 10.0.0.1 6379', 'replicaof', '10.0.0.1 6379'],
    [
      'latency-tracking-info-percentiles 50.0 99.950 1e1'.replace(' 1e1', ''),
      'latency-tracking-info-percentiles',
      '50 99.95',
    ],
    ['log-format json', 'log-format', 'json'],
  ] as const) {
    test(`${JSON.stringify(text)}: ${name} is '${value}'`, () => {
      expect(fromText(text).config.get(name)).toBe(value);
    });
  }
});

describe('errors name the line and the reason', () => {
  for (const [text, lineNumber, reason] of [
    ['port 0\nfoo bar', 2, 'Bad directive or wrong number of arguments'],
    ['port 0\nport "a', 2, 'Unbalanced quotes in configuration line'],
    ['port 0\n\n  # c\n  PORT   "abc" ', 4, "argument couldn't be parsed into an integer"],
    ['port 0 1', 1, 'wrong number of arguments'],
    ['port', 1, 'wrong number of arguments'],
    ['port 65536', 1, 'argument must be between 0 and 65535 inclusive'],
    ['port 007', 1, "argument couldn't be parsed into an integer"],
    ['maxmemory 5 gb', 1, 'wrong number of arguments'],
    ['maxmemory 5x', 1, 'argument must be a memory value'],
    ['maxmemory -1', 1, 'argument must be a memory value'],
    ['maxmemory-clients 101%', 1, 'percentage argument must be less or equal to 100'],
    ['maxmemory-clients x%', 1, 'argument must be a memory or percent value'],
    ['unixsocketperm 9', 1, "argument couldn't be parsed as an octal number"],
    ['unixsocketperm 1000', 1, 'argument must be between 0 and 777 inclusive'],
    ['daemonize maybe', 1, "argument must be 'yes' or 'no'"],
    ['loglevel loud', 1, 'argument(s) must be one of the following: debug, verbose, notice, warning'],
    ['save 900', 1, 'Invalid save parameters'],
    ['save 0 1', 1, 'Invalid save parameters'],
    ['client-output-buffer-limit master 1 1 1', 1, 'Invalid client class specified in buffer limit configuration.'],
    ['client-output-buffer-limit normal 1 1', 1, 'Wrong number of arguments in buffer limit configuration.'],
    [
      'client-output-buffer-limit normal 1 x 1',
      1,
      'Error in hard, soft or soft_seconds setting in buffer limit configuration.',
    ],
    ['replicaof a b', 1, 'Invalid master port'],
    ['replicaof a', 1, 'wrong number of arguments'],
    ['sentinel monitor a', 1, 'sentinel directive while not in sentinel mode'],
    ['user alice on', 1, 'ACL users are not supported yet: use requirepass'],
    ['loadmodule x.so', 1, 'Kvartz does not load modules: remove this line'],
    ['shutdown-on-sigint save nosave', 1, "shutdown options SAVE and NOSAVE can't be used simultaneously"],
    ['appendfilename a/b', 1, "appendfilename can't be a path, just a filename"],
    ['cluster-announce-hostname a_b', 1, 'Hostnames may only contain alphanumeric characters, hyphens or dots'],
    ['bind ""', undefined, /^Configured to not listen anywhere/],
    ['cluster-enabled yes\nport 60000', undefined, /^port 60000 leaves no room for the cluster bus at 70000/],
    ['cluster-enabled yes\nreplicaof a 1', undefined, 'replicaof directive not allowed in cluster mode'],
  ] as const) {
    test(JSON.stringify(text), () => {
      const error = errorOf(() => fromText(text));
      const [last] = error.report('Kvartz').trimEnd().split('\n').slice(-1);
      expect(error.lineNumber).toBe(lineNumber);
      if (typeof reason === 'string') expect(last).toBe(reason);
      else expect(last).toMatch(reason);
    });
  }

  test('the report has the shape of redis-server', () => {
    const error = errorOf(() => fromText('port 0\n  foo   bar\t'));
    expect(error.report('Kvartz 0.1.0')).toBe(
      '\n*** FATAL CONFIG FILE ERROR (Kvartz 0.1.0) ***\n' +
        "Reading the configuration file, at line 2\n>>> 'foo   bar'\nBad directive or wrong number of arguments\n",
    );
  });

  test('an option says so', () => {
    const error = errorOf(() => loadConfig({ options: ['port "1"', 'foo "1"'] }));
    expect(error.report('Kvartz')).toContain('Reading the command line, at option 2\n>>> \'foo "1"\'\n');
  });
});

test('file, standard input and options overrule one another in this order', () => {
  const load = (sources: ConfigSources) => fromText('port 1\nhz 1\ntimeout 1', sources).config;
  const config = load({ stdin: 'port 2\nhz 2', options: ['port 3'] });
  expect([config.port, config.hz, config.timeoutSeconds]).toEqual([3, 2, 1]);
  expect(config.path).toBe('/etc/a.conf');
});

test('include reads the files where the line stands', () => {
  const seen: string[] = [];
  const include = (pattern: string) => {
    seen.push(pattern);
    return [
      { path: '/etc/x.conf', text: 'hz 20\ntimeout 20' },
      { path: '/etc/y.conf', text: 'hz 30' },
    ];
  };
  const { config } = fromText('hz 10\ninclude conf.d/*.conf\ntimeout 10', { include });
  expect([config.hz, config.timeoutSeconds, seen]).toEqual([30, 10, ['conf.d/*.conf']]);
});

test('a fault in an included file names that file', () => {
  const include = () => [{ path: '/etc/x.conf', text: 'hz 20\nhz x' }];
  const error = errorOf(() => fromText('include x.conf', { include }));
  expect(error.report('Kvartz')).toContain('Reading the included configuration file /etc/x.conf, at line 2\n');
});

test('files that include one another are an error', () => {
  const include = () => [{ path: '/etc/x.conf', text: 'include x.conf' }];
  expect(errorOf(() => fromText('include x.conf', { include })).message).toContain('include one another');
});

test('a file that cannot be included is an error of that line', () => {
  const include = () => {
    throw new Error("can't open config file 'x.conf': No such file or directory");
  };
  const error = errorOf(() => fromText('\ninclude x.conf', { include }));
  expect(error.lineNumber).toBe(2);
  expect(error.message).toContain("can't open config file 'x.conf'");
});

test('rename-command is handed on, with a way to refuse it', () => {
  const { renamedCommands } = fromText('rename-command DEBUG ""\nrename-command get "GET2"');
  expect(renamedCommands.map(({ from, to }) => [from, to])).toEqual([
    ['debug', ''],
    ['get', 'GET2'],
  ]);
  expect(renamedCommands[1].error('No such command in rename-command').lineNumber).toBe(2);
});

test('directives without effect are told when they were changed from their default', () => {
  const { withoutEffect } = fromText('appendonly yes\nrdbchecksum yes\nport 1\nactive-defrag-cycle-min 2');
  expect(withoutEffect).toEqual(['active-defrag-cycle-min']);
});

test('dir is resolved by the app, and a folder that is not there is an error of that line', () => {
  const resolveFolder = (path: string) => {
    if (path === 'nowhere') throw new Error('No such file or directory');
    return `/srv/${path}`;
  };
  expect(fromText('dir data', { resolveFolder }).config.dir).toBe('/srv/data');
  expect(fromText('', { resolveFolder }).config.dir).toBe('/srv/.');
  expect(errorOf(() => fromText('dir nowhere', { resolveFolder })).lineNumber).toBe(1);
});
