/**
 * Writes doubles.txt: what a redis-server makes of many spellings of doubles. Each line is
 * `<spelling> TAB <the score it replies, or ERR>`. Run it with the path of a server's Unix socket:
 *
 *   redis-server --port 0 --unixsocket /tmp/redis.sock --save ''
 *   node packages/base/testdata/make-doubles.ts /tmp/redis.sock
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Prng } from '../src/prng.ts';

const socket = process.argv[2];

const spellings = `
  0 -0 1 -1 +1 01 1. .5 -.5 +.5 . - + 1.5 1..5 1.5.5 1,5 abc 1a 1e5 1E5 1e+5 1e-5 1e 1e+ e5 .e5 1e5.5 1e400 -1e400
  1e-400 0e-400 0e400 1e308 1.7976931348623157e308 1.7976931348623159e308 2.2250738585072014e-308 4.9e-324 5e-324
  2e-324 3e-324 inf +inf -inf INF Inf infinity -Infinity INFINITY infin infinityx nan -nan NaN nan(1) 0x10 0X1F
  -0x10 0x 0x. 0x.8 0x1.8 0x1.8p1 0x1p-1 0x1P+4 0xg 0x1p 0x1p-1074 0x1p-1075 0x1.8p-1075 0x1.0000000000001p-1075
  0x1p1023 0x1p1024 0x1.fffffffffffff8p1023 0x1.fffffffffffff7p1023 0x1.00000000000008p0 0x1.00000000000018p0
  0x1.000000000000080001p0 0x123456789abcdef01234 0x0.0000000000000p5 3.0 3.10 100000000 1e8 1e15 1e16 1e17
  123456789012345678 9007199254740993 4611686018427387904 9223372036854775807 1e18 1e19 1e20 1e21 1e22 1e23 0.1 0.2
  0.3 1.1 2.2 3.3 1e-4 1e-5 1e-6 1e-7 0.0001 0.00001 123456.789 1234567.12345678 0.30000000000000004 2.5e-5 1.005
  3.14159265358979 123456789012345 1234567890123456 0.000000000000001 123.4567890123456789012345678901234567890
  1e1000000000
`
  .trim()
  .split(/\s+/);
spellings.push('1 ', ' 1', '\t1');

const prng = new Prng(2024);
const view = new DataView(new ArrayBuffer(8));
for (let i = 0; i < 200; i++) {
  // Any bits at all, then decimals of the kind that people write.
  view.setUint32(0, prng.uint32());
  view.setUint32(4, prng.uint32());
  const any = view.getFloat64(0);
  if (Number.isFinite(any)) spellings.push(String(any));
  spellings.push((prng.ratio() * 10 ** (prng.below(12) - 2)).toFixed(prng.below(10)));
  spellings.push(String((prng.ratio() - 0.5) * 10 ** prng.below(25)));
}

const ask = (...args: string[]): string =>
  execFileSync('redis-cli', ['-s', socket, ...args], { encoding: 'utf8' }).replace(/\n$/, '');

const version = /redis_version:(\S+)/.exec(ask('info', 'server'))?.[1];
ask('config', 'set', 'zset-max-listpack-entries', '0'); // a listpack would turn -0 into the integer 0
const lines = spellings.map((spelling) => {
  ask('del', 'doubles'); // else -0 would not replace 0
  const added = ask('zadd', 'doubles', spelling, 'm');
  return `${spelling.replaceAll('\t', '\\t')}\t${/^\d+$/.test(added) ? ask('zscore', 'doubles', 'm') : 'ERR'}`;
});
writeFileSync(new URL('doubles.txt', import.meta.url), `# redis-server ${version}\n${lines.join('\n')}\n`);
