import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Kernel, unreadyReason } from '@kvartz/server';
import { metricsPage } from './metrics-page.ts';

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * HTTP on `metrics-bind`:`metrics-port`. `/metrics` is for Prometheus; `/livez` answers 200 as long as the event loop
 * turns, `/readyz` 200 when requests are served and 503 with the reason when they are not.
 */
export async function startMetrics(kernel: Kernel): Promise<MetricsServer> {
  const { metricsBind, metricsPort } = kernel.config;
  const page = metricsPage(kernel);
  const server = createServer((request, response) => void answer(request, response));
  // Scrapes come one at a time; whoever opens more is not let in to hold memory.
  server.maxConnections = 32;
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(metricsPort, metricsBind, resolve);
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : metricsPort;
  kernel.log.notice(`Metrics on http://${metricsBind}:${port}/metrics`);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer({ method, url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (method !== 'GET' && method !== 'HEAD') return end(response, 405, 'only GET and HEAD are served\n');
    switch (url.split('?', 1)[0]) {
      case '/metrics':
        try {
          return end(response, 200, await page.text(), page.contentType);
        } catch (error) {
          kernel.log.warning(`Metrics could not be collected: ${(error as Error).stack}`);
          return end(response, 500, 'metrics could not be collected; see the log\n');
        }
      case '/livez':
        return end(response, 200, 'alive\n');
      case '/readyz': {
        const reason = unreadyReason(kernel);
        return end(response, reason === undefined ? 200 : 503, `${reason ?? 'ready'}\n`);
      }
      default:
        return end(response, 404, 'there are /metrics, /livez and /readyz\n');
    }
  }
}

function end(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
