import { type Loopback, startLoopback } from '../egress/loopback.js';
import { addressAttacks } from './attacks.js';
import { ToolsRoom } from './tools-room.js';

let site: Loopback;
let trap: Loopback;
let room: ToolsRoom;
let location = '';

beforeAll(async () => {
  site = await startLoopback((request, response) => {
    if (request.url === '/go') response.writeHead(302, { location }).end();
    else response.end('hello');
  });
  trap = await startLoopback();
  room = await ToolsRoom.start({
    tools: {
      ratePerMinute: 0,
      httpAllowedHosts: [site.place, `10.0.0.1:${trap.port}`],
      privateRanges: ['127.0.0.1/32'],
    },
  });
});

afterAll(async () => {
  await room.close();
  await site.close();
  await trap.close();
});

describe('http_request', () => {
  it('is asked by an admin for what it may not reach: refused, on record, nothing sent', async () => {
    for (const [url, rule] of addressAttacks(site.place, trap.port)) {
      const answer = await room.nyx.request('admin', 'POST', '/api/v1/tools/execute', {
        tool_name: 'http_request',
        parameters: { url },
      });
      expect([url, answer.status]).toEqual([url, 403]);
      expect(await answer.json()).toMatchObject({ error_code: 'TOOL_REFUSED' });
      expect((await room.rows('http_request')).at(-1)).toMatchObject({ status: 'refused', rule });
    }
    expect([trap.connections(), site.connections()]).toEqual([0, 0]);
  });

  it('is asked by an agent for what it may not reach: the same', async () => {
    const agent = await room.agent({ tools: ['http_request'] });
    for (const [url, rule] of addressAttacks(site.place, trap.port)) {
      const execution = await room.run(agent, 'http_request', { parameters: { url } });
      expect([url, execution.status, execution.rule]).toEqual([url, 'refused', rule]);
    }
    expect([trap.connections(), site.connections()]).toEqual([0, 0]);
  });

  it('is led there by a redirect: not followed, on record as what failed', async () => {
    const agent = await room.agent({ tools: ['http_request'] });
    for (const [url, rule] of addressAttacks(site.place, trap.port)) {
      location = url;
      const parameters = { url: `${site.url}/go` };
      const { body } = await room.execute('http_request', parameters);
      expect([url, body]).toEqual([
        url,
        expect.objectContaining({
          success: false,
          metadata: expect.objectContaining({ refused_redirect: rule }) as unknown,
        }),
      ]);
      const execution = await room.run(agent, 'http_request', { parameters });
      expect(execution).toMatchObject({ status: 'failed', metadata: { refused_redirect: rule } });
    }
    expect(trap.connections()).toBe(0);
    expect(new Set(site.seen.map(({ path }) => path))).toEqual(new Set(['/go']));
  });

  it('reaches what it may, and keeps what came', async () => {
    const { status, body } = await room.execute('http_request', { url: `${site.url}/` });
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, output: { status: 200, body: 'hello' } });
  });

  it('is not talked round by an agent that was not given it, or by parameters that are none', async () => {
    const before = site.connections();
    const url = site.url;
    expect(await room.run(await room.agent(), 'http_request', { parameters: { url } })).toMatchObject({
      rule: 'approval_required',
    });
    const agent = await room.agent({ tools: ['http_request'] });
    for (const parameters of [
      { url, allowed_hosts: ['*'] },
      { url, method: 'CONNECT' },
      { url: `${url}\0` },
      { url: [url] },
    ]) {
      expect(await room.run(agent, 'http_request', { parameters })).toMatchObject({ rule: 'invalid_parameters' });
    }
    expect(site.connections()).toBe(before);
  });
});
