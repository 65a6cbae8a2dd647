import { STATUS_CODES } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { ErrorCode } from '../problem.js';
import { PROBLEM_MARK } from '../api-problems.decorator.js';
import { withWideIntegers } from './integers.rules.js';
import { tidySchemas } from './schemas.js';
import { type DocumentedResponse, PROBLEM_EXAMPLES, PROBLEM_SCHEMA, problemResponses } from './problem-responses.js';

/** Operation member that names the least role a caller needs; `none` for open routes. */
export const ROLE_MARK = 'x-required-role';

const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;
type Method = (typeof METHODS)[number];

interface Parameter {
  readonly name: string;
  readonly in: string;
  schema?: Record<string, unknown>;
  example?: unknown;
}

interface Operation {
  operationId?: string;
  parameters?: Parameter[];
  requestBody?: unknown;
  responses: Record<string, DocumentedResponse>;
  security?: Record<string, string[]>[];
  [extension: `x-${string}`]: unknown;
}

/** Of what NYX promises to its callers, in both its descriptions; a release that changes nothing of it leaves it as it is. */
export const API_VERSION = '1.0.0';

/** The description of the whole API, from the routes as they are registered. */
export function createDocument(app: INestApplication): OpenAPIObject {
  const document = SwaggerModule.createDocument(app, metadata(), {
    operationIdFactory: (_controller, method) => method,
    autoTagControllers: false,
  });
  return withWideIntegers(finishDocument(document));
}

function metadata(): Omit<OpenAPIObject, 'paths'> {
  return new DocumentBuilder()
    .setTitle('NYX Autonomous Agent API')
    .setDescription('REST API for NYX autonomous orchestration system')
    .setVersion(API_VERSION)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'This server')
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'From POST /api/v1/auth/login, or an API key.',
      },
      'bearer',
    )
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key of POST /api/v1/auth/api-keys.' },
      'apiKey',
    )
    .addTag('orchestrator', 'Workflows, their thoughts and agents.')
    .addTag('motivational', 'What NYX does of its own accord.')
    .addTag('system', 'Health, status and configuration.')
    .addTag('tools', 'What agents can do.')
    .addTag('llm', 'The models.')
    .addTag('auth', 'Sessions, users and API keys.')
    .build();
}

/** Adds to every operation what follows from its kind: security, the role it needs, every error it can give. */
function finishDocument(document: OpenAPIObject): OpenAPIObject {
  for (const item of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method] as Operation | undefined;
      if (!operation) continue;
      finishOperation(operation, method);
    }
  }
  tidySchemas(document);
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM_SCHEMA as never },
    examples: { ...document.components?.examples, ...usedExamples(document) },
  };
  return document;
}

function finishOperation(operation: Operation, method: Method): void {
  const role = operation[ROLE_MARK] ?? (method === 'get' ? 'viewer' : 'operator');
  operation[ROLE_MARK] = role;
  operation.security = role === 'none' ? [] : [{ bearer: [] }, { apiKey: [] }];
  operation.parameters?.forEach(finishParameter);
  for (const [status, response] of Object.entries(operation.responses)) {
    if (response.description !== '') continue;
    operation.responses[status] = { ...response, description: STATUS_CODES[status] ?? '' };
  }
  addProblems(operation.responses, problemResponses(codesOf(operation, method)));
  for (const key of Object.keys(operation)) {
    if (key.startsWith(PROBLEM_MARK)) Reflect.deleteProperty(operation, key);
  }
}

/** A route that has an answer of its own for a status (an unhealthy report is a 503) keeps it beside the problems. */
function addProblems(
  responses: Record<string, DocumentedResponse>,
  problems: Readonly<Record<string, DocumentedResponse>>,
): void {
  for (const [status, problem] of Object.entries(problems)) {
    const own = responses[status];
    responses[status] = {
      ...problem,
      ...(own && { description: `${own.description} ${problem.description}` }),
      content: { ...own?.content, ...problem.content },
    };
  }
}

function finishParameter(parameter: Parameter): void {
  if (parameter.in !== 'path' || !/(^|_)id$/.test(parameter.name)) return;
  // What takes more than a UUID says so itself.
  if (parameter.schema === undefined || !('pattern' in parameter.schema))
    parameter.schema = { type: 'string', format: 'uuid' };
  parameter.example ??= '019ab0c4-5d6e-7f80-9123-456789abcdef';
}

function codesOf(operation: Operation, method: Method): Set<ErrorCode> {
  const codes = new Set<ErrorCode>(['INTERNAL', 'DATABASE_UNAVAILABLE', 'OVERLOADED', 'NOT_ACCEPTABLE']);
  const add = (...more: ErrorCode[]): void => more.forEach((code) => codes.add(code));
  const parameters = operation.parameters ?? [];
  if (operation[ROLE_MARK] !== 'none') add('UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED');
  if (parameters.length > 0 || method !== 'get') add('VALIDATION_ERROR');
  if (parameters.some((parameter) => parameter.in === 'path')) add('NOT_FOUND');
  if (operation.requestBody !== undefined) {
    add('MALFORMED_JSON', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'REQUEST_TIMEOUT');
  }
  for (const key of Object.keys(operation)) {
    if (key.startsWith(PROBLEM_MARK)) add(key.slice(PROBLEM_MARK.length) as ErrorCode);
  }
  return codes;
}

function usedExamples(document: OpenAPIObject): Record<string, object> {
  const text = JSON.stringify(document.paths);
  return Object.fromEntries(
    Object.entries(PROBLEM_EXAMPLES).filter(([code]) => text.includes(`"#/components/examples/${code}"`)),
  );
}
