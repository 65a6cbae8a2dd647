import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { EVENT_TYPES } from '../../src/events/event-data.js';
import { call } from '../http/client.js';
import { startApp, type TestApp } from '../support/app.js';
import { formatsOfIntegers } from './integers.js';

interface AsyncApi {
  asyncapi: string;
  channels: Record<string, { address: string | null; messages: Record<string, unknown> }>;
  operations: Record<string, { action: string }>;
  components: { schemas: Record<string, object>; messages: Record<string, unknown> };
}

let running: TestApp;
let served: AsyncApi;

beforeAll(async () => {
  running = await startApp();
  served = (await call<AsyncApi>(`${running.url}/asyncapi.json`)).body;
});
afterAll(() => running.close());

const specification = (): object =>
  JSON.parse(readFileSync('node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json', 'utf8')) as object;

it('is served to everybody, and is the one in the repository', () => {
  expect(served).toEqual(JSON.parse(readFileSync('asyncapi.json', 'utf8')));
});

it('is valid AsyncAPI 3, and what would not be is told apart', () => {
  const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
  const isValid = ajv.compile(specification());
  expect({ valid: isValid(served), errors: isValid.errors }).toEqual({ valid: true, errors: null });
  expect(isValid({ ...served, operations: { broken: { action: 'shout' } } })).toBe(false);
});

it('has every namespace, type of event and webhook', () => {
  expect(Object.values(served.channels).map(({ address }) => address)).toEqual([
    '/ws/workflows',
    '/ws/motivation',
    '/ws/system/status',
    null,
  ]);
  expect(Object.keys(served.components.messages)).toEqual(EVENT_TYPES);
  for (const channel of ['workflows', 'webhooks']) {
    expect(Object.keys(served.channels[channel]?.messages ?? {})).toEqual(expect.arrayContaining([...EVENT_TYPES]));
  }
  expect(served.operations).toMatchObject({
    send_motivation: { action: 'send' },
    receive_workflows_subscribe: { action: 'receive' },
    sendWebhook: { action: 'send' },
  });
});

it('refers to nothing that is not there, and describes nothing that is not referred to', () => {
  const references = [...JSON.stringify(served).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
  const found = (path: string): unknown =>
    path.split('/').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], served);
  expect(references.filter((path) => found(path) === undefined)).toEqual([]);
  const schemas = Object.keys(served.components.schemas);
  expect(schemas.filter((name) => !references.includes(`components/schemas/${name}`))).toEqual([]);
});

it('every schema is one that JSON Schema draft 7 knows strictly', () => {
  const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false });
  ajv.addKeyword('components');
  for (const name of Object.keys(served.components.schemas)) {
    const schema = { components: served.components, $ref: `#/components/schemas/${name}` };
    expect(() => ajv.compile(schema)).not.toThrow();
  }
});

it('every integer that 32 bits may not hold says so', () => {
  expect(formatsOfIntegers(served)).toEqual({ large: ['int64'], small: [undefined] });
});
