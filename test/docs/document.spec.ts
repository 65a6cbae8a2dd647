import { call } from '../http/client.js';
import { startApp, type TestApp } from '../support/app.js';
import { formatsOfIntegers } from './integers.js';
import { type ApiDocument, exampleOf, resolved, type Route, routesOf } from './operations.js';

const TAGS = ['orchestrator', 'motivational', 'system', 'tools', 'llm', 'auth'];

let running: TestApp;
let document: ApiDocument;
let routes: Route[];

beforeAll(async () => {
  running = await startApp();
  document = (await call<ApiDocument>(`${running.url}/openapi.json`)).body;
  routes = routesOf(document);
});
afterAll(() => running.close());

const failing = (isWrong: (route: Route) => boolean): string[] => routes.filter(isWrong).map(({ name }) => name);

it('is titled as the contract has it', () => {
  expect(document).toMatchObject({
    info: {
      title: 'NYX Autonomous Agent API',
      description: 'REST API for NYX autonomous orchestration system',
      version: '1.0.0',
    },
  });
  expect(document.tags.map(({ name }) => name)).toEqual(TAGS);
});

it('every route has a summary, one known tag, and an operation id that is a method name', () => {
  expect(failing(({ operation }) => !operation.summary)).toEqual([]);
  expect(failing(({ operation }) => operation.tags?.length !== 1 || !TAGS.includes(operation.tags[0] ?? ''))).toEqual(
    [],
  );
  expect(failing(({ operation }) => !/^[a-z]+([A-Z][a-z0-9]*)*$/.test(operation.operationId))).toEqual([]);
});

it('every route says what it answers, with an example', () => {
  const hasExample = ({ operation }: Route): boolean =>
    Object.entries(operation.responses)
      .filter(([status]) => status.startsWith('2') && status !== '204')
      .every(([, { content }]) => {
        const media = content?.['application/json'];
        if (content && !media) return true;
        return (
          media?.example !== undefined ||
          media?.examples !== undefined ||
          exampleOf(document, media?.schema) !== undefined
        );
      });
  expect(failing((route) => !hasExample(route))).toEqual([]);
  expect(
    failing(({ operation }) => !Object.keys(operation.responses).some((status) => status.startsWith('2'))),
  ).toEqual([]);
});

it('every member of every answer and body has an example', () => {
  const missing = Object.entries(document.components.schemas).flatMap(([schemaName, schema]) =>
    Object.entries(schema.properties ?? {})
      .filter(
        ([, member]) => exampleOf(document, member) === undefined && resolved(document, member).enum === undefined,
      )
      .map(([name]) => `${schemaName}.${name}`),
  );
  expect(missing.filter((name) => !name.startsWith('Problem.'))).toEqual([]);
});

it('every route names the errors it can give', () => {
  expect(failing(({ operation }) => !operation.responses['500'] || !operation.responses['503'])).toEqual([]);
  expect(failing(({ operation }) => operation['x-required-role'] !== 'none' && !operation.responses['401'])).toEqual(
    [],
  );
  expect(failing(({ operation }) => operation.requestBody !== undefined && !operation.responses['413'])).toEqual([]);
});

it('every integer that 32 bits may not hold says so', () => {
  expect(formatsOfIntegers(document)).toEqual({ large: ['int64'], small: [undefined] });
});
