import type { CreatedWebhook, WebhookView } from '../../src/events/webhooks/dto/webhook.dto.js';
import { newId } from '../../src/database/ids.js';
import { Egress } from '../../src/egress/egress.js';
import { startDnsServer } from '../egress/dns-server.js';
import { Receiver, status, WebhookRoom, WEBHOOKS } from './webhook-room.js';

const PUBLIC = 'https://93.184.215.14/hook';
const GOOD = { url: PUBLIC, event_types: ['workflow.completed'] };

let room: WebhookRoom;
beforeAll(async () => {
  room = await WebhookRoom.start();
});
afterAll(() => room.nyx.close());
afterEach(() => room.clear());

it('a webhook is made, seen, changed and deleted; its secret is in the first answer alone', async () => {
  const made = await room.call<CreatedWebhook>('POST', '', { ...GOOD, description: 'Tells the pager' });
  expect(made.status).toBe(201);
  const { secret, ...view } = made.body;
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(view).toMatchObject({
    ...GOOD,
    description: 'Tells the pager',
    workflow_id: null,
    enabled: true,
    disabled_reason: null,
    failing_since: null,
    previous_secret_until: null,
  });
  expect((await room.call('GET', `/${view.id}`)).body).toEqual(view);
  expect((await room.call('GET')).body).toEqual({ items: [view], next_cursor: null });
  const changed = await room.call<WebhookView>('PATCH', `/${view.id}`, { event_types: ['*'], description: null });
  expect(changed.body).toEqual({
    ...view,
    event_types: ['*'],
    description: null,
    updated_at: changed.body.updated_at,
  });
  expect((await room.call('DELETE', `/${view.id}`)).status).toBe(204);
  expect((await room.call('GET', `/${view.id}`)).status).toBe(404);
  expect((await room.call('DELETE', `/${view.id}`)).status).toBe(404);
});

it('what was owed to a webhook leaves with it', async () => {
  const receiver = await Receiver.start();
  receiver.answer = status(500);
  const { id } = await room.make(receiver);
  const workflowId = await room.begin('workflow.started');
  await room.untilStatuses(id, 'failed');
  expect((await room.call('DELETE', `/${id}`)).status).toBe(204);
  await room.append(workflowId, 'workflow.completed');
  expect(await room.database.query('SELECT id FROM webhook_deliveries')).toEqual([]);
  await receiver.server.close();
});

it('a given secret is kept, a new one is shown once, and neither is seen anywhere else', async () => {
  const given = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
  const receiver = await Receiver.start();
  receiver.answer = status(500);
  const made = await room.make(receiver, { secret: given });
  expect(made.secret).toBe(given);
  const rotated = await room.call<CreatedWebhook>('PATCH', `/${made.id}`, { rotate_secret: true });
  expect(rotated.body.secret).toMatch(/^whsec_/);
  expect(rotated.body.secret).not.toBe(given);
  expect(Date.parse(rotated.body.previous_secret_until ?? '') - Date.parse(rotated.body.updated_at)).toBe(86_400_000);
  await room.begin('workflow.started');
  await room.untilStatuses(made.id, 'failed');
  const places = [
    (await room.call('GET')).text,
    (await room.call('GET', `/${made.id}`)).text,
    (await room.call('GET', `/${made.id}/deliveries`)).text,
    (await room.call('PATCH', `/${made.id}`, { enabled: false })).text,
    await (await room.nyx.request('admin', 'GET', '/api/v1/auth/audit?limit=200')).text(),
    JSON.stringify(await room.database.query('SELECT to_jsonb(a) AS row FROM audit_log a')),
    JSON.stringify(await room.database.query('SELECT to_jsonb(d) AS row FROM webhook_deliveries d')),
    JSON.stringify(await room.database.query('SELECT to_jsonb(e) AS row FROM workflow_events e')),
  ];
  expect(places.join()).toContain('updateWebhook');
  for (const secret of [given, rotated.body.secret]) expect(places.join()).not.toContain(secret);
  await receiver.server.close();
});

it('a URL is checked by the rules of the way out', async () => {
  const dns = await startDnsServer({});
  Object.assign(room.nyx.app.get(Egress), { lookup: dns.lookup });
  const refused = async (url: string): Promise<unknown> => {
    const answer = await room.call<{ errors: { field: string; message: string }[] }>('POST', '', { ...GOOD, url });
    return [answer.status, answer.body.errors];
  };
  const because = (message: string): unknown => [400, [{ field: 'url', message }]];
  expect(await refused('http://169.254.169.254/latest/meta-data')).toEqual(
    because('169.254.169.254 is not a public address.'),
  );
  expect(await refused('http://0xa9fea9fe/')).toEqual(because('169.254.169.254 is not a public address.'));
  expect(await refused('http://[::ffff:a9fe:a9fe]/')).toEqual(because('::ffff:a9fe:a9fe is not a public address.'));
  expect(await refused('http://10.0.0.7:8080/')).toEqual(because('10.0.0.7 is not a public address.'));
  expect(await refused('https://me:secret@93.184.215.14/')).toEqual(
    because('A URL may not carry a user name or a password.'),
  );
  expect(await refused('ftp://93.184.215.14/')).toEqual(because('Only http and https URLs can be reached.'));
  expect(await refused('javascript:alert(1)')).toEqual(because('Only http and https URLs can be reached.'));
  expect(await refused('not a url')).toEqual(because('This is no URL of a host.'));
  expect(await refused('https://no-such-host.invalid/')).toEqual(
    because('The host no-such-host.invalid was not found.'),
  );
  const { body } = await room.call<CreatedWebhook>('POST', '', GOOD);
  expect((await room.call('PATCH', `/${body.id}`, { url: 'http://192.168.0.1/' })).status).toBe(400);
  expect((await room.call<WebhookView>('GET', `/${body.id}`)).body.url).toBe(PUBLIC);
  expect(dns.asked).toEqual(['no-such-host.invalid']);
  await dns.close();
});

it.each([
  ['no types', { event_types: [] }],
  ['an unknown type', { event_types: ['workflow.exploded'] }],
  ['a type twice', { event_types: ['*', '*'] }],
  ['types that are no list', { event_types: '*' }],
  ['null for types', { event_types: null }],
  ['null for the URL', { url: null }],
  ['a long URL', { url: `https://93.184.215.14/${'a'.repeat(2000)}` }],
  ['null for enabled', { enabled: null }],
  ['a workflow that is no id', { workflow_id: 'x' }],
  ['a short secret', { secret: 'whsec_c2hvcnQ=' }],
  ['null for the secret', { secret: null }],
  ['a long description', { description: 'x'.repeat(501) }],
  ['an unknown key', { owner: 'me' }],
])('%s is a bad request that changes nothing', async (_what, more) => {
  const { body } = await room.call<CreatedWebhook>('POST', '', GOOD);
  const answers = [await room.call('POST', '', { ...GOOD, ...more }), await room.call('PATCH', `/${body.id}`, more)];
  for (const answer of answers) {
    expect([answer.status, answer.body]).toMatchObject([400, { error_code: 'VALIDATION_ERROR' }]);
  }
  const { secret: _secret, ...view } = body;
  expect((await room.call('GET')).body).toEqual({ items: [view], next_cursor: null });
});

it('null is a description and a workflow that are not given', async () => {
  const answer = await room.call('POST', '', { ...GOOD, description: null, workflow_id: null });
  expect([answer.status, answer.body]).toMatchObject([201, { description: null, workflow_id: null }]);
});

it('what does not exist is not found', async () => {
  const id = newId();
  const { body } = await room.call<CreatedWebhook>('POST', '', GOOD);
  const answers = [
    await room.call('GET', `/${id}`),
    await room.call('PATCH', `/${id}`, { enabled: false }),
    await room.call('GET', `/${id}/deliveries`),
    await room.call('POST', `/${id}/redeliver`),
    await room.call('POST', `/${body.id}/deliveries/${id}/redeliver`),
  ];
  expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 404));
  expect((await room.call('GET', `/${body.id}/deliveries?status=lost`)).status).toBe(400);
});

it('deliveries come page by page, newest first, by status', async () => {
  const { body } = await room.call<CreatedWebhook>('POST', '', { ...GOOD, event_types: ['*'], enabled: false });
  await room.database.query('UPDATE webhooks SET is_enabled = true');
  const id = await room.begin('workflow.started', 'workflow.planned', 'workflow.completed');
  await room.database.query('UPDATE webhooks SET is_enabled = false');
  await room.database.query(
    `UPDATE webhook_deliveries SET created_at = created_at + make_interval(secs => seq), status = CASE seq WHEN 2 THEN 'dead' ELSE 'failed' END`,
  );
  const page = (query: string): Promise<{ body: { items: { seq: number }[]; next_cursor: string | null } }> =>
    room.call('GET', `/${body.id}/deliveries${query}`);
  const first = await page('?limit=2');
  expect(first.body.items).toMatchObject([
    { workflow_id: id, seq: 3, type: 'workflow.completed' },
    { workflow_id: id, seq: 2, type: 'workflow.planned' },
  ]);
  const second = await page(`?limit=2&cursor=${first.body.next_cursor ?? ''}`);
  expect(second.body).toMatchObject({ items: [{ seq: 1 }], next_cursor: null });
  expect((await page('?status=dead')).body.items.map(({ seq }) => seq)).toEqual([2]);
});

it('there are no more than 50', async () => {
  const answers = await Promise.all(Array.from({ length: 53 }, () => room.call('POST', '', GOOD)));
  expect(answers.map((answer) => answer.status).sort()).toEqual([...Array<number>(50).fill(201), 409, 409, 409]);
});

it('only admins have anything to do with webhooks', async () => {
  for (const role of ['viewer', 'operator'] as const) {
    expect((await room.nyx.request(role, 'GET', WEBHOOKS)).status).toBe(403);
    expect((await room.nyx.request(role, 'POST', WEBHOOKS, GOOD)).status).toBe(403);
  }
  expect((await room.nyx.request(undefined, 'GET', WEBHOOKS)).status).toBe(401);
});
