import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { Problem } from '../http/problem.js';
import { problemDocument, problemHeaders, PROBLEM_TYPE } from '../http/problem-document.js';
import type { Metrics } from '../telemetry/metrics.js';
import { urlOf } from './address.rules.js';
import { listenError } from './listen-error.js';

const PATH = '/metrics';
const READS = ['GET', 'HEAD'];

/** The metrics on a port of their own, open to whoever reaches it, and nothing else there. */
export class MetricsServer {
  private constructor(private readonly server: Server) {}

  /** @throws StartError */
  static async start(metrics: Metrics, { host, names }: AppConfig['http'], port: number): Promise<MetricsServer> {
    const server = createServer((request, response) => void answer(metrics, request, response));
    server.listen(port, host);
    try {
      await once(server, 'listening');
    } catch (error) {
      throw listenError(error, { ...names, port: 'METRICS_PORT' }, host, port);
    }
    const { port: bound } = server.address() as AddressInfo;
    new Logger('Metrics').log(`Metrics are open on ${urlOf(host, bound)}${PATH}`);
    return new MetricsServer(server);
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

async function answer(metrics: Metrics, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  try {
    if (path !== PATH) throw new Problem('NOT_FOUND', `There is only ${PATH} on this port.`);
    if (!READS.includes(request.method ?? '')) {
      const headers = { Allow: READS.join(', ') };
      throw new Problem('METHOD_NOT_ALLOWED', `This address takes ${headers.Allow}.`, { headers });
    }
    const text = await metrics.text();
    response.writeHead(200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : text);
  } catch (error) {
    const problem =
      error instanceof Problem ? error : new Problem('INTERNAL', 'Something went wrong on our side.', { cause: error });
    if (problem.code === 'INTERNAL') new Logger('Metrics').error(error);
    response.writeHead(problem.status, { ...problemHeaders(problem), 'Content-Type': PROBLEM_TYPE });
    response.end(JSON.stringify(problemDocument(problem, path, randomUUID(), new Date())));
  }
}
