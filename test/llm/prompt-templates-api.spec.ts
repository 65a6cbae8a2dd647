import { newId } from '../../src/database/ids.js';
import { OrchestratorFixture } from '../orchestrator/orchestrator-fixture.js';
import { until } from '../support/until.js';

const PATH = '/api/v1/llm/prompt-templates';

interface Template {
  id: string;
  name: string;
  version: number;
  content: string;
  variables: { name: string }[];
  is_active: boolean;
  is_built_in: boolean;
  created_by: string | null;
  usage_count: number;
  success_rate: number | null;
}

interface Interaction {
  template_name: string | null;
  template_version: number | null;
  other_templates: { name: string; version: number }[] | null;
  system_prompt: string;
  prompt_text: string;
}

interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

let fixture: OrchestratorFixture;

beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.model.reset());

async function call<Body = Template & { error_code?: string; errors?: { field: string; message: string }[] }>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<Answer<Body>> {
  const response = await fixture.nyx.request('admin', method, `${PATH}${path}`, body, headers);
  const text = await response.text();
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as Body };
}

const made = async (body: object): Promise<Template> => {
  const answer = await call('POST', '', { template_type: 'user', content: 'x', ...body });
  if (answer.status !== 201)
    throw new Error(`Making a template answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
};

const versionsOf = async (name: string, query = ''): Promise<Template[]> =>
  (await call<{ items: Template[] }>('GET', `?limit=200&name=${name}${query}`)).body.items;

const activeOf = async (name: string): Promise<Template> => {
  const [active, ...more] = await versionsOf(name, '&active=true');
  if (active === undefined || more.length > 0) throw new Error(`${name} has not exactly one active version.`);
  return active;
};

/** The one interaction of a direct workflow. */
/** By an agent without tools, so that its prompt is its templates alone. */
async function run(prompt: string): Promise<Interaction> {
  const { workflow_id: id } = await fixture.execute(prompt, { execution_preferences: { tools: [] } });
  const answer = await fixture.nyx.request('viewer', 'GET', `/api/v1/llm/interactions?workflow_id=${id}`);
  const [interaction] = ((await answer.json()) as { items: Interaction[] }).items;
  if (interaction === undefined) throw new Error('The workflow made no call.');
  return interaction;
}

const SYSTEM = 'agent.direct.system';
const REQUEST = 'agent.direct.request';

it('every prompt of NYX is there from the start, as version 1 that NYX made', async () => {
  const { body } = await call<{ items: Template[] }>('GET', '?limit=200&active=true');
  expect(body.items.map(({ name }) => name).sort()).toEqual([
    'agent.direct.request',
    'agent.direct.system',
    'agent.messages',
    'agent.retry',
    'agent.subtask.request',
    'agent.subtask.system',
    'agent.tools.last',
    'agent.tools.system',
    'complexity.request',
    'complexity.system',
    'council.agenda',
    'council.decision',
    'council.reply',
    'council.system',
    'council.view',
    'council.vote',
    'memory.summary.request',
    'memory.summary.system',
    'memory.system',
    'planner.recursive.system',
    'planner.repair',
    'planner.request',
    'planner.system',
    'recovery.agenda',
    'refinement.request',
    'review.agenda',
    'self_validation.request',
    'subtask.again',
    'synthesis.request',
    'synthesis.system',
    'validator.request',
    'validator.system',
    'workflow.brief',
    'workflow.context',
    'workflow.continuation',
    'workflow.event',
    'workflow.path',
  ]);
  for (const item of body.items) expect(item).toMatchObject({ version: 1, created_by: 'nyx', is_built_in: true });
});

it('viewers read, only admins write, nobody else sees anything', async () => {
  const { id } = await activeOf(SYSTEM);
  const body = { name: 'mine', template_type: 'user', content: 'x' };
  const writes: [string, string, unknown][] = [
    ['POST', PATH, body],
    ['PUT', `${PATH}/${id}`, { content: 'x' }],
    ['POST', `${PATH}/${id}/activate`, undefined],
    ['DELETE', `${PATH}/${id}`, undefined],
  ];
  for (const [method, path, given] of writes) {
    expect((await fixture.nyx.request('operator', method, path, given)).status).toBe(403);
    expect((await fixture.nyx.request(undefined, method, path, given)).status).toBe(401);
  }
  expect((await fixture.nyx.request('viewer', 'GET', PATH)).status).toBe(200);
  expect((await fixture.nyx.request('viewer', 'GET', `${PATH}/${id}`)).status).toBe(200);
  expect((await fixture.nyx.request(undefined, 'GET', PATH)).status).toBe(401);
  expect(await versionsOf('mine')).toEqual([]);
});

describe('what is refused', () => {
  it.each([
    [{ name: 'Big' }, 'name'],
    [{ name: '.x' }, 'name'],
    [{ name: 'x'.repeat(101) }, 'name'],
    [{ template_type: 'other' }, 'template_type'],
    [{ content: undefined }, 'content'],
    [{ content: '  ' }, 'content'],
    [{ content: '{{a}}' }, 'content'],
    [{ content: '{{a' }, 'content'],
    [{ variables: [{ name: 'a', type: 'text' }] }, 'variables.0.name'],
    [{ content: '{{a}}', variables: [{ name: 'a', type: 'date' }] }, 'variables.0.type'],
    [{ content: '{{a}}', variables: [{ name: 'a', type: 'text', required: null }] }, 'variables.0.required'],
    [{ content: '{{a}}', variables: [{ name: 'a', type: 'text', other: 1 }] }, 'variables.0.other'],
    [{ content: '{{a}}', variables: ['a'] }, 'variables'],
    [{ variables: {} }, 'variables'],
    [{ activate: 'no' }, 'activate'],
    [{ name: 'planner.request' }, 'variables'],
    [
      { name: 'planner.request', content: '{{max_subtasks}}', variables: [{ name: 'max_subtasks', type: 'text' }] },
      'variables',
    ],
    [{ name: 'planner.request', content: '{{max_subtasks}}', template_type: 'system' }, 'template_type'],
    [{ name: 'synthesis.request', content: '{{results}}' }, 'variables.1.name'],
  ])('%j names %s', async (given, field) => {
    const name = 'name' in given ? given.name : 'mine';
    const answer = await call('POST', '', { name: 'mine', template_type: 'user', content: 'x', ...given });
    expect([answer.status, answer.body.error_code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(answer.body.errors?.map((error) => error.field).join()).toContain(field);
    if (!name.startsWith('.') && name !== 'Big' && name.length < 100)
      expect((await versionsOf(name)).filter(({ created_by }) => created_by !== 'nyx')).toEqual([]);
  });

  it('what is not there is 404', async () => {
    expect((await call('GET', `/${newId()}`)).status).toBe(404);
    expect((await call('PUT', `/${newId()}`, { content: 'x' })).status).toBe(404);
    expect((await call('POST', `/${newId()}/activate`)).status).toBe(404);
    expect((await call('DELETE', `/${newId()}`)).status).toBe(404);
  });
});

it('20 new versions at once get 20 numbers, and one of them is active', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      call('POST', '', { name: 'raced', template_type: 'user', content: `text ${index}` }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201));
  const numbers = answers.map(({ body }) => body.version).sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect((await activeOf('raced')).version).toBe(20);
  expect(await versionsOf('raced')).toHaveLength(20);
});

it('one key makes one version', async () => {
  const headers = { 'Idempotency-Key': newId() };
  const body = { name: 'keyed', template_type: 'user', content: 'x' };
  const [first, second] = [await call('POST', '', body, headers), await call('POST', '', body, headers)];
  expect(second).toEqual(first);
  expect(await versionsOf('keyed')).toHaveLength(1);
});

it('goes through versions a page at a time, newest first, with the beginning of long texts', async () => {
  for (const piece of ['a', 'b', 'c']) await made({ name: 'paged', content: piece.repeat(2000) });
  const seen: Template[] = [];
  let cursor = '';
  do {
    const { body } = await call<{ items: Template[]; next_cursor: string | null }>(
      'GET',
      `?name=paged&limit=2${cursor}`,
    );
    seen.push(...body.items);
    cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
  } while (cursor !== '');
  expect(seen.map(({ version }) => version)).toEqual([3, 2, 1]);
  expect(seen[0]?.content).toBe('c'.repeat(1000));
  expect((await call('GET', `/${seen[0]?.id ?? ''}`)).body.content).toBe('c'.repeat(2000));
});

describe('a version', () => {
  it('never changes: PUT makes the next one of what is given, and repeating it makes none', async () => {
    const first = await made({ name: 'put', content: '{{a}} one', variables: [{ name: 'a', type: 'text' }] });
    const second = await call('PUT', `/${first.id}`, { content: '{{a}} two' });
    expect(second).toMatchObject({ status: 200, body: { version: 2, variables: first.variables, is_active: true } });
    expect((await call('PUT', `/${first.id}`, { content: '{{a}} two' })).body.id).toBe(second.body.id);
    expect((await call('GET', `/${first.id}`)).body).toMatchObject({ content: '{{a}} one', is_active: false });
    expect((await call('PUT', `/${first.id}`, { content: 'no variable' })).status).toBe(400);
    expect(await versionsOf('put')).toHaveLength(2);
  });

  it('waits when it is not to be activated', async () => {
    await made({ name: 'waits' });
    const second = await made({ name: 'waits', content: 'y', activate: false });
    expect(second.is_active).toBe(false);
    expect((await activeOf('waits')).version).toBe(1);
    expect((await call('POST', `/${second.id}/activate`)).body).toMatchObject({ version: 2, is_active: true });
    expect((await call('POST', `/${second.id}/activate`)).status).toBe(200);
    expect((await activeOf('waits')).version).toBe(2);
  });
});

it('a version of an earlier release that wants other values cannot be activated', async () => {
  const id = newId();
  await fixture.database.query(
    `INSERT INTO prompt_templates (id, name, template_type, content, variables, version, is_active, created_by)
     VALUES ($1, 'planner.request', 'user', '{{old}}', '[{"name":"old","type":"text","required":true}]', 99, false, 'nyx')`,
    [id],
  );
  expect(await call('POST', `/${id}/activate`)).toMatchObject({ status: 409, body: { error_code: 'CONFLICT' } });
  expect((await activeOf('planner.request')).version).toBe(1);
});

describe('deleting', () => {
  it('takes a draft, and a name of nobody’s use with its last version', async () => {
    const first = await made({ name: 'gone' });
    const second = await made({ name: 'gone', content: 'y' });
    expect((await call('DELETE', `/${second.id}`)).status).toBe(409);
    expect((await call('DELETE', `/${first.id}`)).status).toBe(204);
    expect((await call('DELETE', `/${second.id}`)).status).toBe(204);
    expect((await call('GET', `/${second.id}`)).status).toBe(404);
    const draft = await made({ name: REQUEST, content: 'draft', activate: false });
    expect((await call('DELETE', `/${draft.id}`)).status).toBe(204);
  });

  it('leaves what NYX uses, used or made', async () => {
    const own = await activeOf(REQUEST);
    expect((await call('DELETE', `/${own.id}`)).status).toBe(409);
    const mine = await made({ name: REQUEST, content: 'Mine.' });
    expect((await call('DELETE', `/${mine.id}`)).status).toBe(409);
    expect((await call('DELETE', `/${own.id}`)).status).toBe(409);
    await call('POST', `/${own.id}/activate`);
    expect((await call('DELETE', `/${mine.id}`)).status).toBe(409);
    expect((await activeOf(REQUEST)).id).toBe(own.id);
  });
});

describe('calls', () => {
  it('are made by the active version from the next one on, and name it; rolling back holds at once too', async () => {
    const own = { system: await activeOf(SYSTEM), request: await activeOf(REQUEST) };
    const before = await run('Say one.');
    expect(before).toMatchObject({ template_name: REQUEST, template_version: own.request.version });
    expect(before.other_templates).toContainEqual({ name: SYSTEM, version: own.system.version });
    expect(before.prompt_text).toBe('<task>\nSay one.\n</task>\n\nDo this task.');

    const mine = await made({ name: REQUEST, content: 'Do it in Latin.' });
    const role = await made({ name: SYSTEM, template_type: 'system', content: 'You are a poet.' });
    const overridden = await run('Say two.');
    expect(overridden).toMatchObject({ template_name: REQUEST, template_version: mine.version });
    expect(overridden.other_templates).toContainEqual({ name: SYSTEM, version: role.version });
    expect(overridden).toMatchObject({
      system_prompt: 'You are a poet.',
      prompt_text: '<task>\nSay two.\n</task>\n\nDo it in Latin.',
    });
    expect(fixture.model.requests.at(-1)).toMatchObject({ system: 'You are a poet.' });

    await call('POST', `/${own.request.id}/activate`);
    await call('POST', `/${own.system.id}/activate`);
    const after = await run('Say three.');
    expect(after).toMatchObject({ template_version: own.request.version, system_prompt: own.system.content });
  });

  it('send a value that looks like a placeholder as it is', async () => {
    const { prompt_text: sent } = await run('Explain {{objective}} and {{details}}.');
    expect(sent).toContain('<task>\nExplain {{objective}} and {{details}}.\n</task>');
  });

  it('of people name no template', async () => {
    const answer = await fixture.nyx.request('operator', 'POST', '/api/v1/llm/generate', { user_prompt: 'Hi' });
    const { interaction_id: id } = (await answer.json()) as { interaction_id: string };
    const shown = await fixture.nyx.request('viewer', 'GET', `/api/v1/llm/interactions/${id}`);
    expect(await shown.json()).toMatchObject({ template_name: null, template_version: null, other_templates: null });
  });

  it('are counted once for each template of theirs, before and after the sweep', async () => {
    const mine = await made({ name: REQUEST, content: 'Counted.' });
    const role = await made({ name: SYSTEM, template_type: 'system', content: 'Counted too.' });
    fixture.model.script({ match: { prompt: 'Fail' }, status: 400, errorType: 'invalid_request_error' });
    fixture.model.script({ match: { prompt: 'Refuse' }, answer: 'no', stopReason: 'refusal' });
    await Promise.all(
      ['One?', 'Two?', 'Three?', 'Four?', 'Five?', 'Six?', 'Fail?', 'Refuse?'].map((prompt) => run(prompt)),
    );
    const figures = async (): Promise<unknown[]> =>
      Promise.all(
        [mine, role].map(async ({ id }) => {
          const { usage_count: uses, success_rate: rate } = (await call('GET', `/${id}`)).body;
          return [uses, rate];
        }),
      );
    const expected = [
      // An agent whose answer is refused asks two more times.
      [10, 0.6],
      [10, 0.6],
    ];
    expect(await figures()).toEqual(expected);
    const { database } = fixture;
    const uncounted = (): Promise<unknown[]> => database.query('SELECT 1 FROM prompt_template_uses');
    await until('the sweep has counted', async () => (await uncounted()).length === 0);
    expect(await figures()).toEqual(expected);
    const [sums] = await database.query<{ counted: string; rows: string }>(
      `SELECT (SELECT sum(usage_count) FROM prompt_templates WHERE name = '${REQUEST}') AS counted,
              (SELECT count(*) FROM llm_interactions WHERE template_name = '${REQUEST}' AND status IN ('succeeded', 'failed')) AS rows`,
    );
    expect(sums?.counted).toBe(sums?.rows);
    expect((await call('DELETE', `/${mine.id}`)).status).toBe(409);
  });
});
