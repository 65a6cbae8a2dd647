import { DeclaredAnswers } from './declared-answers.js';
import type { ApiDocument } from './operations.js';

const named = (name: string): object => ({ $ref: `#/components/schemas/${name}` });

const document = {
  paths: {
    '/things/{id}': {
      get: {
        operationId: 'thing',
        responses: { 200: { content: { 'application/json': { schema: named('Thing') } } } },
      },
    },
  },
  components: {
    schemas: {
      Thing: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'string' },
          size: { type: 'integer', minimum: 0, exclusiveMinimum: true, nullable: true },
          parts: { type: 'array', items: named('Part') },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
        },
      },
      Part: { type: 'object', properties: { type: { type: 'string' }, properties: { type: 'object' } } },
    },
  },
} as unknown as ApiDocument;

const mistake = (body: unknown, status = 200): string | undefined =>
  new DeclaredAnswers(document).mistake('GET', '/things/1?page=2', status, body);

it('takes what is declared', () => {
  expect(mistake({ id: '1' })).toBeUndefined();
  const parts = [{ type: 'wheel', properties: { round: true } }, {}];
  expect(mistake({ id: '1', size: null, parts, labels: { any: 'name' } })).toBeUndefined();
});

it.each([
  ['a member that is missing', {}],
  ['a member of another type', { id: 1 }],
  ['a member that nobody declared', { id: '1', secret: 'x' }],
  ['such a member further down', { id: '1', parts: [{ type: 'wheel', secret: 'x' }] }],
  ['a number out of its range', { id: '1', size: 0 }],
  ['no body', undefined],
])('tells of %s', (_what, body) => {
  expect(mistake(body)).toContain('GET /things/{id} 200');
});

it('tells of a status and a path that nobody declared', () => {
  expect(mistake({ id: '1' }, 201)).toContain('does not declare 201');
  expect(new DeclaredAnswers(document).mistake('POST', '/things/1', 200, {})).toContain('is not declared');
});
