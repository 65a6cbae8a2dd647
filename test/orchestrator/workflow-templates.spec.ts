import fc from 'fast-check';
import type { FieldError } from '../../src/http/problem.js';
import { filled, placeholdersIn, valuesOf } from '../../src/orchestrator/workflow-templates/template-text.rules.js';
import { OrchestratorFixture } from './orchestrator-fixture.js';

interface Template {
  id: string;
  name: string;
  version: number;
  description: string | null;
  parameters: string[];
  content: Record<string, unknown>;
}

const PATH = '/api/v1/orchestrator/workflow-templates';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());

const send = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response> =>
  fixture.nyx.request('operator', method, `${PATH}${path}`, body, headers);

const bodyOf = (name: string, prompt = 'Sum up {{what}}.'): Record<string, unknown> => ({
  name,
  input_type: 'user_prompt',
  content: { prompt },
});

async function make(name: string): Promise<Template> {
  const answer = await send('POST', '', bodyOf(name));
  expect(answer.status).toBe(201);
  return (await answer.json()) as Template;
}

it('a change makes a version, and the old ones stay', async () => {
  const { id } = await make('report');
  const second = await send('PATCH', `/${id}`, { content: { prompt: 'Sum up {{what}} for {{whom}}.' } });
  expect(await second.json()).toMatchObject({ version: 2, parameters: ['what', 'whom'] });
  const same = await send('PATCH', `/${id}`, {
    content: { prompt: 'Sum up {{what}} for {{whom}}.' },
    priority: undefined,
  });
  expect(((await same.json()) as Template).version).toBe(2);
  const renamed = await send('PATCH', `/${id}`, { name: 'report-2', description: 'Now described.' });
  expect(await renamed.json()).toMatchObject({ name: 'report-2', version: 3, description: 'Now described.' });
  const first = await fixture.get<Template>(`/workflow-templates/${id}?version=1`);
  expect(first).toMatchObject({ version: 1, content: { prompt: 'Sum up {{what}}.' }, parameters: ['what'] });
  const page = await fixture.get<{ items: Template[]; next_cursor: string }>(
    `/workflow-templates/${id}/versions?limit=2`,
  );
  expect(page.items.map(({ version }) => version)).toEqual([3, 2]);
  const rest = await fixture.get<{ items: Template[] }>(
    `/workflow-templates/${id}/versions?limit=2&cursor=${page.next_cursor}`,
  );
  expect(rest.items.map(({ version }) => version)).toEqual([1]);
  expect((await send('GET', `/${id}?version=4`)).status).toBe(404);
  expect((await send('DELETE', `/${id}`)).status).toBe(204);
  expect((await send('GET', `/${id}`)).status).toBe(404);
});

it('five changes at once make five versions', async () => {
  const { id } = await make('busy');
  const prompts = [1, 2, 3, 4, 5].map((n) => ({ content: { prompt: `Version of writer ${n}.` } }));
  const answers = await Promise.all(prompts.map((body) => send('PATCH', `/${id}`, body)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  const { items } = await fixture.get<{ items: Template[] }>(`/workflow-templates/${id}/versions`);
  expect(items.map(({ version }) => version)).toEqual([6, 5, 4, 3, 2, 1]);
});

it('a name is of one template, also for five at once', async () => {
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => send('POST', '', bodyOf('the-only-one'))));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  const other = await make('another-one');
  expect((await send('PATCH', `/${other.id}`, { name: 'the-only-one' })).status).toBe(409);
});

it.each([
  [{ name: 'Not A Name' }, 'name'],
  [{ name: undefined }, 'name'],
  [{ input_type: 'nonsense' }, 'input_type'],
  [{ content: {} }, 'content.prompt'],
  [{ content: null }, 'content'],
  [{ priority: 'banana' }, 'priority'],
  [{ execution_context: { resource_limits: { max_cost_usd: 0 } } }, 'execution_context.resource_limits.max_cost_usd'],
  [{ input_type: 'scheduled_workflow', content: { workflow_template: 'other' } }, 'content'],
])('refuses %j', async (wrong, field) => {
  const answer = await send('POST', '', { ...bodyOf('refused'), ...wrong });
  expect(answer.status).toBe(400);
  const { errors } = (await answer.json()) as { errors: { field: string }[] };
  expect(errors.map((error) => error.field)).toContain(field);
});

it('what a placeholder stands for is judged when it is filled', async () => {
  const execution_context = { execution_preferences: { optimization_focus: '{{focus}}' } };
  const body = { ...bodyOf('open', 'Do it.'), execution_context };
  expect((await send('POST', '', body)).status).toBe(201);
  const schedule = { schedule: '0 0 1 1 *', workflow_template: 'open' };
  const tryWith = (focus: string): Promise<Response> =>
    fixture.nyx.request('operator', 'POST', '/api/v1/orchestrator/schedules', { ...schedule, parameters: { focus } });
  expect((await tryWith('speed')).status).toBe(201);
  const refused = await tryWith('banana');
  expect(refused.status).toBe(400);
  expect(JSON.stringify(await refused.json())).toContain(
    'workflow_template.execution_context.execution_preferences.optimization_focus',
  );
});

describe('filling', () => {
  const fill = (value: unknown, parameters: Record<string, unknown>): { result: unknown; errors: FieldError[] } => {
    const errors: FieldError[] = [];
    return { result: filled(value, valuesOf(parameters), errors), errors };
  };

  it('puts any value in as it is, once', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const { result, errors } = fill({ a: ['<{{ x }}|{{y}}>'] }, { x: one, y: other });
        expect(result).toEqual({ a: [`<${one}|${other}>`] });
        expect(errors).toEqual([]);
      }),
      {
        examples: [
          ['{{y}}', '$&'],
          ['$1', '{{x}}'],
        ],
      },
    );
  });

  it('writes numbers and lists as JSON, and leaves what is no placeholder', () => {
    expect(fill('{{n}} {{l}} {{#if}} {{ }} {x}', { n: 1.5, l: [1, 'a'] }).result).toBe('1.5 [1,"a"] {{#if}} {{ }} {x}');
    expect([...placeholdersIn({ a: '{{one}} {{event.details.x-1}}', b: ['{{ two }}'] })]).toEqual([
      'one',
      'event.details.x-1',
      'two',
    ]);
  });

  it('names what is missing, and takes nothing from prototypes', () => {
    expect(fill('{{a}} {{a}} {{constructor}}', {}).errors.map(({ field }) => field)).toEqual([
      'parameters.a',
      'parameters.constructor',
    ]);
  });

  it('stops at a bound, however often a long value stands there', () => {
    const { errors } = fill({ t: '{{a}}'.repeat(100_000) }, { a: 'x'.repeat(500_000) });
    expect(errors.map(({ field }) => field)).toEqual(['parameters']);
  });

  it('writes a value once, however often it stands there, and none beyond the bound', () => {
    let written = 0;
    const counted = {
      toJSON: (): string => {
        written += 1;
        return 'x';
      },
    };
    expect(fill(['{{a}}{{ a }}', '{{a}}'], { a: counted }).result).toEqual(['"x""x"', '"x"']);
    expect(written).toBe(1);
    const { errors } = fill('{{long}}{{a}}{{none}}', { long: 'x'.repeat(1_000_001), a: counted });
    expect(errors.map(({ field }) => field)).toEqual(['parameters.none', 'parameters']);
    expect(written).toBe(1);
  });
});
