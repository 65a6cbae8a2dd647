import { done } from './test-tools.js';
import { ToolsRoom } from './tools-room.js';

const PATH = { type: 'string' } as const;

let room: ToolsRoom;
beforeAll(async () => {
  room = await ToolsRoom.start({ tools: { ratePerMinute: 1000 } });
});
afterAll(() => room.close());

describe('GET /tools/executions', () => {
  it('pages newest first and filters', async () => {
    room.add('listed', () => done);
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1) ids.unshift((await room.execute('listed')).body.execution_id);
    const page = async (query: string) =>
      (await (
        await room.nyx.request('viewer', 'GET', `/api/v1/tools/executions?tool_name=listed&${query}`)
      ).json()) as {
        items: { id: string }[];
        next_cursor: string | null;
      };
    const first = await page('limit=2');
    const rest = await page(`limit=2&cursor=${first.next_cursor ?? ''}`);
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(ids);
    expect(rest.next_cursor).toBeNull();
    expect((await page('status=refused')).items).toEqual([]);
    expect((await room.nyx.request('viewer', 'GET', '/api/v1/tools/executions?status=odd')).status).toBe(400);
  });
});

it('a page of executions is small, however well what they were given and gave could be compressed', async () => {
  room.add(
    'given_much',
    ({ path }) => {
      const much = String(path).slice(0, 1).repeat(50_000);
      return { success: true, output: { much }, stdout: much, stderr: much, metadata: { much } };
    },
    { schema: { type: 'object', properties: { path: PATH }, required: ['path'], additionalProperties: false } },
  );
  await room.execute('given_much', { path: 'a'.repeat(100_000) });
  await room.execute('given_much', { path: 'a' });
  await room.execute('given_much', { path: '' });
  const response = await room.nyx.request('viewer', 'GET', '/api/v1/tools/executions?tool_name=given_much');
  const { items } = (await response.json()) as { items: Record<string, unknown>[] };
  expect(
    items.map(({ input_parameters, metadata, output_result, stdout, stderr }) => [
      ...[input_parameters, metadata, output_result, stdout, stderr],
    ]),
  ).toEqual([
    [{ path: '' }, { much: '' }, { much: '' }, '', ''],
    [{ path: 'a' }, null, null, null, null],
    [null, null, null, null, null],
  ]);
});

it('a call is on record without the values of secrets, and ran with them', async () => {
  const given: unknown[] = [];
  room.add(
    'sign_in',
    (parameters) => {
      given.push(parameters);
      return { success: true, output: null };
    },
    {
      schema: {
        type: 'object',
        properties: { path: PATH, api_token: { type: 'string' } },
        required: ['path'],
        additionalProperties: false,
      },
    },
  );
  await room.execute('sign_in', { path: 'a', api_token: 'hidden' });
  expect(given).toEqual([{ path: 'a', api_token: 'hidden' }]);
  const listed = await room.nyx.request('viewer', 'GET', '/api/v1/tools/executions?tool_name=sign_in');
  expect(await listed.json()).toMatchObject({ items: [{ input_parameters: { path: 'a', api_token: '[redacted]' } }] });
});
