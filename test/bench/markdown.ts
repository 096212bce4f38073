/**
 * The tables of docs/performance.md, from what the benches have written:
 *
 *   node test/bench/markdown.ts [bench-results.json [bench-memory.json]]
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Pair, Result } from './report.ts';
import { median } from './stats.ts';

const [speedPath = 'bench-results.json', memoryPath = 'bench-memory.json'] = process.argv.slice(2);

if (existsSync(speedPath)) {
  const { when, machine, versions, pairs, seconds, results } = JSON.parse(readFileSync(speedPath, 'utf8'));
  console.log(`${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node.js ${machine.node}, against`);
  console.log(`${versions.baseline.split(' sha')[0]}; ${when.slice(0, 10)}, ${pairs} pairs of ${seconds} s each.\n`);
  console.log(
    '| | Kvartz op/s | baseline op/s | throughput ratio | Kvartz us/op | baseline us/op | CPU ratio | target |',
  );
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |');
  for (const result of results as Result[]) console.log(row(result));
}

if (existsSync(memoryPath)) {
  const { kvartz, baseline, ratio, keys } = JSON.parse(readFileSync(memoryPath, 'utf8'));
  const longest = (name: 'loopDelayMaxMs' | 'collectionMaxMs') =>
    `${kvartz.filling[name].toFixed(1)} ms, ${kvartz.writing[name].toFixed(1)} ms`;
  console.log(
    `\n| ${(keys / 1e6).toFixed(0)} million keys | Kvartz | baseline | ratio |\n| --- | ---: | ---: | ---: |`,
  );
  const perKey = [kvartz.filled.bytesPerKey, baseline?.bytesPerKey].map((bytes?: number) => bytes?.toFixed(1) ?? '');
  console.log(`| resident bytes per key | ${perKey.join(' | ')} | ${ratio?.toFixed(3) ?? ''} |`);
  console.log(`| longest collection, while filling and while writing | ${longest('collectionMaxMs')} | none | |`);
  console.log(`| longest turn of the event loop, likewise | ${longest('loopDelayMaxMs')} | | |`);
}

function row({ shape, throughputRatio, cpuRatio, met, pairs }: Result): string {
  const { name, target } = shape;
  const middle = (pick: (pair: Pair) => number, digits: number) => median(pairs.map(pick)).toFixed(digits);
  const what = target.metric === 'throughput' ? 'throughput ≥' : 'CPU ≤';
  return `| ${[
    name,
    middle((pair) => pair.kvartz.operationsPerSecond, 0),
    middle((pair) => pair.baseline.operationsPerSecond, 0),
    throughputRatio.toFixed(2),
    middle((pair) => pair.kvartz.cpuMicrosPerOperation, 2),
    middle((pair) => pair.baseline.cpuMicrosPerOperation, 2),
    cpuRatio.toFixed(2),
    `${what} ${target.ratio}${met ? '' : ': missed'}`,
  ].join(' | ')} |`;
}
