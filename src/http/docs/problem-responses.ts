import { type ErrorCode, Problem, PROBLEM_STATUS } from '../problem.js';
import { MAX_ERRORS, problemDocument, PROBLEM_TYPE } from '../problem-document.js';

const DETAILS: Readonly<Record<ErrorCode, string>> = {
  VALIDATION_ERROR: 'The request is not valid: limit.',
  MALFORMED_JSON: 'The body is not valid JSON.',
  UNKNOWN_TOOL: 'There is no tool of this name.',
  UNKNOWN_MODEL: 'There is no model of this name.',
  MODEL_UNPRICED: 'This model has no price; configure one before using it.',
  ENGINE_NOT_INITIALIZED: 'The engine was never started.',
  ENGINE_NOT_RUNNING: 'The engine is not running.',
  UNAUTHENTICATED: 'Sign in, or send an API key.',
  BUDGET_EXCEEDED: 'The call does not fit the budget.',
  FORBIDDEN: 'This needs the role admin.',
  TOOL_REFUSED: 'The policy refuses this use of the tool.',
  NOT_FOUND: 'The workflow does not exist.',
  METHOD_NOT_ALLOWED: 'This address takes GET, HEAD, OPTIONS.',
  NOT_ACCEPTABLE: 'This address answers application/json.',
  CONFLICT: 'The request collides with the current state.',
  REQUEST_TIMEOUT: 'The request took too long to arrive.',
  PAYLOAD_TOO_LARGE: 'The body may have at most 1 MiB.',
  UNSUPPORTED_MEDIA_TYPE: 'Send the body as application/json in UTF-8, without a content encoding.',
  IDEMPOTENCY_MISMATCH: 'This Idempotency-Key was used with another body.',
  RATE_LIMITED: 'Too many requests.',
  HEADERS_TOO_LARGE: 'The headers are too large.',
  INTERNAL: 'Something went wrong on our side.',
  LLM_UPSTREAM: 'The model provider answered with an error.',
  LLM_UNAVAILABLE: 'The model provider is not available right now.',
  IDENTITY_PROVIDER_UNAVAILABLE: 'Who you are cannot be verified now.',
  SANDBOX_UNAVAILABLE: 'No sandbox is available on this machine.',
  TIME_LIMIT: 'The time of the workflow was over.',
  TOOL_UNAVAILABLE: 'The tool cannot be used here and now.',
  DATABASE_UNAVAILABLE: 'The database is not available right now.',
  OVERLOADED: 'NYX cannot take this request now.',
};

const text = (description: string): object => ({ type: 'string', description });
const orNull = (type: 'string' | 'integer' | 'number', description: string): object => ({
  type,
  nullable: true,
  description,
});
const flag = (description: string): object => ({ type: 'boolean', enum: [true], description });

/** What problems of some codes have beside the rest. */
const EXTENSIONS = {
  scope: text('BUDGET_EXCEEDED: the kind of the budget that has too little left.'),
  scope_key: text('BUDGET_EXCEEDED: what that budget is of, such as a workflow or a principal.'),
  scope_period: orNull('string', 'BUDGET_EXCEEDED: its day or month (UTC); null: it has none.'),
  limit_usd: orNull('number', 'BUDGET_EXCEEDED: its limit; null: it has none.'),
  spent_usd: { type: 'number', description: 'BUDGET_EXCEEDED: what calls of it have cost.' },
  reserved_usd: { type: 'number', description: 'BUDGET_EXCEEDED: what calls under way can cost.' },
  in_doubt_usd: { type: 'number', description: 'BUDGET_EXCEEDED: what calls can have cost whose end nobody knows.' },
  remaining_usd: orNull('number', 'BUDGET_EXCEEDED: what is left; null: it has no limit.'),
  needed_usd: { type: 'number', description: 'BUDGET_EXCEEDED: what the call could cost.' },
  interaction_id: {
    type: 'string',
    format: 'uuid',
    description:
      'LLM_UPSTREAM, LLM_UNAVAILABLE: the last attempt, as in /llm/interactions. CONFLICT: the call that was answered as a stream.',
  },
  attempts: { type: 'integer', description: 'LLM_UPSTREAM, LLM_UNAVAILABLE: how often the model was asked.' },
  upstream_status: orNull(
    'integer',
    'LLM_UPSTREAM, LLM_UNAVAILABLE: the HTTP status of the provider; null: it did not answer.',
  ),
  upstream_error_type: orNull('string', 'LLM_UPSTREAM, LLM_UNAVAILABLE: what the provider calls the error.'),
  upstream_error_code: orNull('string', 'LLM_UPSTREAM, LLM_UNAVAILABLE: the code of the provider.'),
  upstream_request_id: orNull('string', 'LLM_UPSTREAM, LLM_UNAVAILABLE: the request as the provider names it.'),
  circuit_breaker_open: flag('LLM_UNAVAILABLE: the model failed too often in a row and was not asked.'),
  emergency_stop: flag('LLM_UNAVAILABLE: an administrator has switched model calls off.'),
  rule: text('TOOL_REFUSED, RATE_LIMITED, OVERLOADED: the rule of the policy that refused.'),
  execution_id: {
    type: 'string',
    format: 'uuid',
    description: 'TOOL_REFUSED, RATE_LIMITED, OVERLOADED: the refused run, as in /tools/executions.',
  },
};

export const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'What went wrong (RFC 9457).',
  required: [
    ...['type', 'title', 'status', 'detail', 'instance', 'error_code', 'request_id', 'timestamp', 'error', 'path'],
  ],
  properties: {
    type: text('Names the kind of problem.'),
    title: text('The HTTP status in words.'),
    status: { type: 'integer', description: 'The HTTP status.' },
    detail: text('One sentence for people.'),
    instance: text('Names this occurrence.'),
    error_code: { type: 'string', enum: Object.keys(PROBLEM_STATUS), description: 'Stable code for programs.' },
    request_id: text('The X-Request-Id of the request; quote it when asking for help.'),
    timestamp: { type: 'string', format: 'date-time' },
    error: { type: 'boolean', enum: [true] },
    path: text('The path that was asked for.'),
    errors: {
      type: 'array',
      description: `What is wrong with which field; the first ${MAX_ERRORS}.`,
      maxItems: MAX_ERRORS,
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: { field: text('Dotted path of the field.'), message: text('What is wrong with it.') },
      },
    },
    ...EXTENSIONS,
  },
} as const;

const EXAMPLE_ID = '0f8e7d6c-5b4a-4392-8170-6f5e4d3c2b1a';
const EXAMPLE_AT = new Date('2026-11-23T08:00:00.000Z');

function example(code: ErrorCode): object {
  const errors =
    code === 'VALIDATION_ERROR' ? [{ field: 'limit', message: 'limit must not be less than 1' }] : undefined;
  const problem = new Problem(code, DETAILS[code], errors ? { errors } : {});
  return { summary: code, value: problemDocument(problem, '/api/v1/orchestrator/workflows', EXAMPLE_ID, EXAMPLE_AT) };
}

export const PROBLEM_EXAMPLES: Readonly<Record<string, object>> = Object.fromEntries(
  (Object.keys(PROBLEM_STATUS) as ErrorCode[]).map((code) => [code, example(code)]),
);

export interface DocumentedResponse {
  readonly description: string;
  readonly content?: Readonly<Record<string, unknown>>;
}

/** One OpenAPI response for each status that these codes have. */
export function problemResponses(codes: ReadonlySet<ErrorCode>): Record<string, DocumentedResponse> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...codes].sort()) {
    byStatus.set(PROBLEM_STATUS[code], [...(byStatus.get(PROBLEM_STATUS[code]) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, sameStatus]) => [
      String(status),
      {
        description: sameStatus.map((code) => `${code}: ${DETAILS[code]}`).join(' '),
        content: {
          [PROBLEM_TYPE]: {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(sameStatus.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
          },
        },
      },
    ]),
  );
}
