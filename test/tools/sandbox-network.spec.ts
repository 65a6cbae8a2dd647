import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppConfig } from '../../src/config/app-config.js';
import { EgressProxy } from '../../src/egress/proxy.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { Sandbox } from '../../src/tools/sandbox/sandbox.js';
import { describeWithSandbox, said, SandboxRoom } from './sandbox-room.js';

/** Asks through the proxy that the variables name, as programs do, and directly. */
const ASK = `
const http = require('http');
const [, url] = process.argv;
const proxy = new URL(process.env.http_proxy ?? 'http://127.0.0.1:1');
http.get({ host: proxy.hostname, port: proxy.port, path: url, headers: { host: new URL(url).host } }, (answer) => {
  let text = '';
  answer.on('data', (chunk) => (text += chunk)).on('end', () => console.log('proxy', answer.statusCode, text));
}).on('error', (error) => console.log('proxy', error.code));
http.get(url).on('error', (error) => console.log('direct', error.code));`;

describeWithSandbox('the network of the sandbox', () => {
  let room: SandboxRoom;
  let server: Server;
  let sandbox: Sandbox;
  const asked: string[] = [];
  const urlOf = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  beforeAll(async () => {
    room = await SandboxRoom.open();
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('answered');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    sandbox = new Sandbox(Object.assign(new AppConfig(), room.config), new EgressProxy(['127.0.0.0/8']), new Metrics());
    await sandbox.onModuleInit();
  });
  afterAll(async () => {
    await sandbox.onApplicationShutdown();
    await room.close();
    server.close();
  });

  const ask = async (url: string, allowedHosts?: readonly string[]): Promise<string> =>
    said(
      await sandbox.run({
        argv: ['node', '-e', ASK, url],
        workspaceDirectory: room.workspace,
        allowedHosts,
        limits: { timeoutMs: 20_000 },
        signal: new AbortController().signal,
      }),
    );

  it('is none, also not the machine’s loopback, when no host is listed', async () => {
    expect(await ask(urlOf('/none'))).toMatch(/^(proxy|direct) ECONNREFUSED\n(proxy|direct) ECONNREFUSED\n$/);
    expect(await ask(urlOf('/empty'), [])).toMatch(/^(proxy|direct) ECONNREFUSED\n(proxy|direct) ECONNREFUSED\n$/);
    const { stdout } = await room.bash(
      'cat /proc/net/dev | grep -c : ; cat /proc/net/route | wc -l; ls /sys/class/net 2>&1',
    );
    expect(stdout.text).toMatch(/^1\n1\n/);
    expect(asked).toEqual([]);
  });

  it('leads to the hosts that are listed, through the proxy only', async () => {
    const { port } = server.address() as AddressInfo;
    const text = await ask(urlOf('/listed'), [`127.0.0.1:${port}`]);
    expect(text).toContain('proxy 200 answered');
    expect(text).toContain('direct ECONNREFUSED');
    expect(asked).toEqual(['/listed']);
  });

  it('leads nowhere else', async () => {
    expect(await ask(urlOf('/other'), ['example.com'])).toMatch(/proxy 4\d\d/);
    expect(await ask('http://169.254.169.254/latest/meta-data', ['*'])).toMatch(/proxy 4\d\d/);
    expect(asked).toEqual(['/listed']);
    await room.expectUnharmed();
  });
});
