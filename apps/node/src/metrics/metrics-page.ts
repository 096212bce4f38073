import { type Kernel, type Metric, serverMetrics } from '@kvartz/server';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

/** What `/metrics` shows: the node's own metrics and those of its process and event loop (`process_*`, `nodejs_*`). */
export interface MetricsPage {
  readonly contentType: string;
  text(): Promise<string>;
}

export function metricsPage(kernel: Kernel): MetricsPage {
  const processRegistry = new Registry();
  collectDefaultMetrics({ register: processRegistry });
  return {
    contentType: processRegistry.contentType,
    text: async () => {
      // Made anew for each scrape, so that between scrapes metrics cost nothing.
      const own = new Registry();
      for (const metric of serverMetrics(kernel)) register(own, metric);
      return (await own.metrics()) + (await processRegistry.metrics());
    },
  };
}

function register(registry: Registry, { help, kind, name, samples }: Metric): void {
  const options = { name, help, labelNames: Object.keys(samples[0]?.labels ?? {}), registers: [registry] };
  if (kind === 'counter') {
    const counter = new Counter(options);
    for (const { labels, value } of samples) counter.inc(labels, value);
  } else {
    const gauge = new Gauge(options);
    for (const { labels, value } of samples) gauge.set(labels, value);
  }
}
