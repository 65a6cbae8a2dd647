import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { newId } from '../../src/database/ids.js';
import { Egress } from '../../src/egress/egress.js';
import type { WorkflowEvent } from '../../src/events/event-log.js';
import { DeliverySender } from '../../src/events/webhooks/delivery-sender.js';
import { newWebhookSecret } from '../../src/events/webhooks/signature.rules.js';
import { startDnsServer } from '../egress/dns-server.js';
import { startLoopback, startSocketServer } from '../egress/loopback.js';
import { until } from '../support/until.js';
import { ok, Receiver, status, WebhookRoom } from './webhook-room.js';

let room: WebhookRoom;
let receiver: Receiver;
beforeAll(async () => {
  room = await WebhookRoom.start();
});
afterAll(() => room.nyx.close());
beforeEach(async () => {
  receiver = await Receiver.start();
});
afterEach(async () => {
  await room.clear();
  await receiver.server.close();
});

/** What is said of a delivery to a server of bytes. */
async function failureOf(bytes: string): Promise<unknown> {
  const server = await startSocketServer((socket) => void socket.once('data', () => socket.end(bytes)));
  const { body } = await room.call<{ id: string }>('POST', '', { url: server.url, event_types: ['*'] });
  await room.begin('workflow.started');
  const [delivery] = await room.untilStatuses(body.id, 'failed');
  await server.close();
  return [delivery?.last_status, delivery?.last_error];
}

it('a redirect is a failure, and nobody goes there', async () => {
  const trap = await startLoopback();
  receiver.answer = status(307, { location: trap.url });
  const { id } = await room.make(receiver);
  await room.begin('workflow.started');
  const [delivery] = await room.untilStatuses(id, 'failed');
  expect(delivery).toMatchObject({ last_status: 307, last_error: 'It answered 307.' });
  expect(trap.connections()).toBe(0);
  await trap.close();
});

it.each([400, 401, 404, 429, 500, 502])('%p is a failure', async (code) => {
  receiver.answer = status(code);
  const { id } = await room.make(receiver);
  await room.begin('workflow.started');
  expect((await room.untilStatuses(id, 'failed'))[0]).toMatchObject({ last_status: code });
});

it('an answer that is not whole, is no HTTP, or is none counts for nothing', async () => {
  const cut = '127.0.0.1 brought no answer. The connection was cut.';
  expect(await failureOf('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort')).toEqual([null, cut]);
  expect(await failureOf('HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nab')).toEqual([null, cut]);
  expect(await failureOf('220 smtp.example.com ready\r\n')).toEqual([
    null,
    '127.0.0.1 brought no answer. It does not speak HTTP.',
  ]);
  expect(await failureOf('')).toEqual([null, cut]);
});

it('an answer that goes on after its length is what its length says', async () => {
  const bytes = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n';
  const server = await startSocketServer((socket) => void socket.once('data', () => socket.end(bytes)));
  const { body } = await room.call<{ id: string }>('POST', '', { url: server.url, event_types: ['*'] });
  await room.begin('workflow.started');
  await room.untilStatuses(body.id, 'delivered');
  expect(server.connections()).toBe(1);
  await server.close();
});

it('one that never comes to its answer, silent or with no end of 1xx, is given up after 15 seconds', async () => {
  const floods = ['', 'HTTP/1.1 102 Processing\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n'];
  const servers = await Promise.all(
    floods.map((flood) =>
      startSocketServer((socket) => {
        const timer = flood === '' ? undefined : setInterval(() => socket.write(flood), 20);
        socket.once('close', () => clearInterval(timer)).resume();
      }),
    ),
  );
  const made = await Promise.all(
    servers.map(({ url }) => room.call<{ id: string }>('POST', '', { url, event_types: ['*'] })),
  );
  await room.begin('workflow.started');
  // All at once: a few seconds later each is tried again.
  const deliveries = await Promise.all(made.map(({ body }) => room.untilStatusesWithin(60_000, body.id, 'failed')));
  for (const [delivery] of deliveries)
    expect(delivery).toMatchObject({ attempts: 1, last_status: null, last_error: 'No answer within 15000 ms.' });
  await Promise.all(servers.map((server) => server.close()));
}, 90_000);

it('headers without end are cut off', async () => {
  const server = await startSocketServer((socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(`x-${'a'.repeat(1000)}: b\r\n`));
    };
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n');
      more();
    });
    socket.on('drain', more);
  });
  const { body } = await room.call<{ id: string }>('POST', '', { url: server.url, event_types: ['*'] });
  await room.begin('workflow.started');
  expect((await room.untilStatuses(body.id, 'failed'))[0]).toMatchObject({ last_status: null });
  await server.close();
});

it('a name is looked up anew for each attempt, once, and what was checked is what is reached', async () => {
  const dns = await startDnsServer({ 'rebinding.test': [['127.0.0.1'], ['127.0.0.2'], ['10.0.0.1', '127.0.0.1']] });
  const sender = new DeliverySender(new Egress(['127.0.0.1/32'], dns.lookup));
  const url = `http://rebinding.test:${receiver.server.port}/`;
  const at = new Date();
  const event = { workflowId: newId(), seq: 1, at, type: 'workflow.progress', data: {} } as unknown as WorkflowEvent;
  const webhook = { id: newId(), url, secrets: [newWebhookSecret()] };
  const attempt = (number: number) =>
    sender.send({ id: newId(), attempt: number, webhook, event }, new AbortController().signal);
  expect(await attempt(1)).toEqual({ kind: 'delivered', status: 200 });
  expect(receiver.server.seen).toMatchObject([
    { localAddress: '127.0.0.1', headers: { host: `rebinding.test:${receiver.server.port}` } },
  ]);
  const error = 'rebinding.test has an address that is not public.';
  for (const number of [2, 3]) expect(await attempt(number)).toMatchObject({ kind: 'failed', error });
  expect(dns.asked).toEqual(['rebinding.test', 'rebinding.test', 'rebinding.test']);
  expect(receiver.server.connections()).toBe(1);
  await dns.close();
});

it('a host that is not there fails, without the path of the URL in what is said', async () => {
  const url = 'http://127.0.0.1:1/secret-path?key=secret';
  const { body } = await room.call<{ id: string }>('POST', '', { url, event_types: ['*'] });
  await room.begin('workflow.started');
  const [delivery] = await room.untilStatuses(body.id, 'failed');
  expect(delivery?.last_error).toBe('127.0.0.1 brought no answer. It does not accept connections.');
});

it('a certificate that nobody trusts fails', async () => {
  const server = createServer((_request, response) => response.end('reached')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { body } = await room.call<{ id: string }>('POST', '', { url, event_types: ['*'] });
  await room.begin('workflow.started');
  expect((await room.untilStatuses(body.id, 'failed'))[0]?.last_error).toContain('No secure connection was made.');
  server.close();
});

it('a huge answer of 2xx counts, and is not read to its end', async () => {
  let written = 0;
  receiver.answer = (_request, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536))) written += 65_536;
    };
    response.on('drain', more);
    more();
  };
  const { id } = await room.make(receiver);
  await room.begin('workflow.started');
  await room.untilStatuses(id, 'delivered');
  expect(written).toBeLessThan(64 * 1024 * 1024);
});

it('one that asks to be left alone for a while is', async () => {
  receiver.answer = status(503, { 'retry-after': '1800' });
  const { id } = await room.make(receiver);
  await room.begin('workflow.started');
  const [delivery] = await room.untilStatuses(id, 'failed');
  const wait = Date.parse(delivery?.next_attempt_at ?? '') - Date.parse(delivery?.last_attempt_at ?? '');
  expect(wait).toBeGreaterThanOrEqual(1_799_000);
});

it('those that hang, drip or flood keep nobody else waiting, and few places', async () => {
  const hanging: ServerResponse[] = [];
  let [underWay, most] = [0, 0];
  receiver.answer = (_request, response) => {
    hanging.push(response);
    most = Math.max(most, (underWay += 1));
    response.once('close', () => (underWay -= 1));
    if (hanging.length % 3 === 1) return;
    response.writeHead(hanging.length % 3 === 2 ? 200 : 500);
    const drip = setInterval(() => response.write('.'), 50);
    response.once('close', () => clearInterval(drip));
  };
  const slow = await room.make(receiver);
  const quick = await Receiver.start();
  const other = await room.make(quick);
  await Promise.all(Array.from({ length: 10 }, () => room.begin('workflow.started', 'workflow.completed')));
  await until('the quick one to have all', async () => {
    const deliveries = await room.deliveries(other.id);
    return deliveries.length === 20 && deliveries.every((delivery) => delivery.status === 'delivered');
  });
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(4);
  expect((await room.deliveries(slow.id)).filter((delivery) => delivery.status === 'delivered')).toEqual([]);
  hanging.forEach((response) => response.destroy());
  receiver.answer = ok;
  await quick.server.close();
});

it('of one that fails, one delivery is under way at a time', async () => {
  receiver.answer = status(500);
  const { id } = await room.make(receiver);
  await room.begin('workflow.started');
  await room.untilStatuses(id, 'failed');
  let [underWay, most] = [0, 0];
  receiver.answer = (_request, response) => {
    underWay += 1;
    most = Math.max(most, underWay);
    setTimeout(() => {
      underWay -= 1;
      response.writeHead(500).end();
    }, 20);
  };
  await Promise.all(Array.from({ length: 10 }, () => room.begin('workflow.started')));
  await until('all to be tried', async () =>
    (await room.deliveries(id)).every((delivery) => delivery.status === 'failed'),
  );
  expect(most).toBe(1);
  expect((await room.call('GET', `/${id}`)).body).toMatchObject({ failing_since: expect.any(String) as string });
  receiver.answer = ok;
  await until('all to be delivered', async () => {
    await room.letTimePass();
    return (await room.deliveries(id)).every((delivery) => delivery.status === 'delivered');
  });
  expect((await room.call('GET', `/${id}`)).body).toMatchObject({ failing_since: null });
});

it('an address that may not be reached any more is not reached', async () => {
  const { id } = await room.make(receiver);
  await room.database.query(`UPDATE webhooks SET url = 'http://10.1.2.3/'`);
  await room.begin('workflow.started');
  expect((await room.untilStatuses(id, 'failed'))[0]).toMatchObject({
    last_status: null,
    last_error: '10.1.2.3 is not a public address.',
  });
  expect(receiver.server.connections()).toBe(0);
});
