import type { ProblemDocument } from '../../src/http/problem-document.js';

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly text: string;
}

interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Sent as JSON, unless it is text: then as it is. */
  readonly body?: unknown;
  /** Of an event stream, which may last for ever, only what comes first is read. */
  readonly beginningOfStream?: boolean;
}

/** One request; the body is parsed when it is JSON. */
export async function call<Body = unknown>(
  url: string,
  { method, headers, body, beginningOfStream }: Call = {},
): Promise<Answer<Body>> {
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    redirect: 'manual',
  });
  const type = response.headers.get('content-type') ?? '';
  const text =
    beginningOfStream && type.includes('text/event-stream') ? await beginningOf(response) : await response.text();
  const isJson = /[/+]json/.test(type);
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson && text !== '' ? JSON.parse(text) : undefined) as Body,
    text,
  };
}

async function beginningOf({ body }: Response): Promise<string> {
  if (!body) return '';
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const { value = '' } = await reader.read();
  await reader.cancel();
  return value;
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

export async function login(url: string, username: string, password: string): Promise<Tokens> {
  const answer = await call<Tokens>(`${url}/api/v1/auth/login`, { body: { username, password } });
  if (answer.status !== 200) throw new Error(`Signing in as ${username} answered ${answer.status}: ${answer.text}`);
  return answer.body;
}

const anyText = expect.any(String) as unknown;
const textLike = (pattern: RegExp): unknown => expect.stringMatching(pattern);

const LEAKS =
  /\\n\s+at |node_modules|\/src\/|\.ts:|\.js:|SELECT |INSERT |UPDATE |QueryFailedError|ECONNREFUSED|relation "/;

/** That an answer is a problem document as the contract has it, of this code, and tells nothing of the inside. */
export function expectProblem(answer: Answer, status: number, code: string): ProblemDocument {
  const body = answer.body as ProblemDocument;
  expect({ status: answer.status, code: answer.status < 400 ? answer.text : body.error_code }).toEqual({
    status,
    code,
  });
  expectProblemShape(answer);
  return body;
}

export function expectProblemShape(answer: Answer): void {
  const body = answer.body as ProblemDocument;
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(body).toMatchObject({
    type: textLike(/^urn:nyx:problem:[a-z-]+$/),
    title: anyText,
    status: answer.status,
    detail: anyText,
    instance: anyText,
    error_code: textLike(/^[A-Z_]+$/),
    request_id: answer.headers.get('x-request-id'),
    timestamp: textLike(/^\d{4}-.*Z$/),
    error: true,
    path: anyText,
  });
  expect(answer.text).not.toMatch(LEAKS);
  expect(answer.headers.get('x-powered-by')).toBeNull();
  if (body.error_code === 'VALIDATION_ERROR') {
    expect(body.errors).toEqual(expect.arrayContaining([{ field: anyText, message: anyText }]));
  }
  if (answer.status === 401) expect(answer.headers.get('www-authenticate')).toBe('Bearer');
}
