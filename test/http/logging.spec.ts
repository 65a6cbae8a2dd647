import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createLogger, NestLogger, requestLogger } from '../../src/http/logging.js';
import { requestContext } from '../../src/http/request-context.js';
import { traceOfWorkflow } from '../../src/telemetry/trace-context.rules.js';
import { inWork } from '../../src/telemetry/work-context.js';

class Lines extends Writable {
  readonly lines: Record<string, unknown>[] = [];
  readonly written: string[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk.toString());
    for (const line of chunk.toString().trim().split('\n'))
      this.lines.push(JSON.parse(line) as Record<string, unknown>);
    done();
  }
}

describe('a request', () => {
  let server: Server;
  let sink: Lines;
  let url: string;

  beforeEach(async () => {
    sink = new Lines();
    const logger = createLogger('info', sink);
    const app = express();
    app.use(requestContext, requestLogger(logger));
    app.get('/livez', (_request, response) => void response.send('ok'));
    app.get('/work', (_request, response) => {
      new NestLogger(logger).log('working with Bearer abcdefghijkl', { password: 'x' }, 'Worker');
      response.send('ok');
    });
    app.get('/look', (_request, response) => {
      for (const requestId of ['the-one-that-began-it', undefined]) {
        inWork({ trace: traceOfWorkflow('w', undefined), workflowId: 'w', retry: 0, requestId }, () =>
          new NestLogger(logger).log('running', 'Worker'),
        );
      }
      response.send('ok');
    });
    server = createServer(app).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => server.close());

  it('is one line, its id is on every line, and no secret is', async () => {
    const headers = { authorization: 'Bearer very-secret-token', 'x-request-id': 'my-request' };
    await fetch(`${url}/work?token=very-secret-token`, { headers });
    await pause(50);
    expect(sink.lines).toMatchObject([
      { level: 'info', context: 'Worker', message: 'working with Bearer [redacted]', request_id: 'my-request' },
      { level: 'info', context: 'HTTP', method: 'GET', path: '/work', status: 200, request_id: 'my-request' },
    ]);
    expect(JSON.stringify(sink.lines)).not.toContain('secret');
    expect(sink.lines[0]).toMatchObject({ details: [{ password: '[redacted]' }] });
  });

  it('is not that of a workflow which another began, or none, and which begins to run in it', async () => {
    await fetch(`${url}/look`, { headers: { 'x-request-id': 'somebody-else' } });
    await pause(50);
    const running = sink.lines.filter(({ message }) => message === 'running');
    expect(running.map(({ request_id: id, workflow_id: of }) => [id, of])).toEqual([
      ['the-one-that-began-it', 'w'],
      [undefined, 'w'],
    ]);
  });

  it('of a probe is not worth a line', async () => {
    await fetch(`${url}/livez`);
    await pause(50);
    expect(sink.lines).toEqual([]);
  });
});

it('nobody writes a line of their own, whatever their text', () => {
  const sink = new Lines();
  const backend = new NestLogger(createLogger('trace', sink));
  const forged = '{"level":"fatal","message":"forged"}';
  for (const text of [`a\n${forged}`, `a\r\n${forged}`, `a\u2028${forged}`, `"}\n${forged}`, '\u001b[2Ja']) {
    backend.warn(text, 'Worker');
    backend.warn({ [text]: text }, 'Worker');
    backend.error(new Error(text), text);
  }
  expect(sink.lines).toHaveLength(15);
  expect(sink.lines.every(({ level }) => level === 'warn' || level === 'error')).toBe(true);
  const written = sink.written.join('').split('\n');
  expect(written.filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
});

it('errors keep their stack and their cause in the log', () => {
  const sink = new Lines();
  const backend = new NestLogger(createLogger('trace', sink));
  backend.error(new Error('outer postgres://u:secret@h/d', { cause: new Error('inner') }), 'Worker');
  backend.warn({ some: 'object', api_key: 'x' }, 'Worker');
  backend.log('Starting', 'NestFactory');
  expect(sink.lines).toMatchObject([
    { level: 'error', context: 'Worker', error: { name: 'Error', cause: { message: 'inner' } } },
    { level: 'warn', some: 'object', api_key: '[redacted]' },
    { level: 'debug', message: 'Starting' },
  ]);
  expect(JSON.stringify(sink.lines)).not.toContain('secret');
});
