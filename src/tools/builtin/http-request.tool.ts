import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { Egress } from '../../egress/egress.js';
import { EgressFailed, EgressRefused, type EgressResponse } from '../../egress/egress.types.js';
import {
  type Availability,
  type ParameterError,
  type ParametersSchema,
  Tool,
  type ToolContext,
  ToolRefusal,
  type ToolResult,
} from '../tool.js';
import { textOf } from './response-text.rules.js';

const MAX_REDIRECTS = 5;
const MAX_TIMEOUT_SECONDS = 60;
const DEFAULT_TIMEOUT_SECONDS = 30;
const MAX_BYTES = 1_048_576;
const DEFAULT_BYTES = 65_536;
const MAX_BODY_LENGTH = 262_144;

export type HttpRequestParameters = {
  readonly method?: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
  readonly body?: string;
  readonly timeout_seconds?: number;
  readonly max_bytes?: number;
};

const HEADER = {
  type: 'object',
  properties: { name: { type: 'string', maxLength: 256 }, value: { type: 'string', maxLength: 8192 } },
  required: ['name', 'value'],
  additionalProperties: false,
} as const;

/** Asks a server on a host that the configuration allows. */
@Injectable()
export class HttpRequestTool extends Tool<HttpRequestParameters> {
  readonly name = 'http_request';
  readonly description =
    'Sends a GET or POST request to an allowed host and returns the status, the headers and the text of the answer. ' +
    `At most ${MAX_REDIRECTS} redirects are followed, each only to an allowed host.`;
  readonly operations = [];
  readonly risk = 'network';
  /** Its own limit comes first and tells more. */
  override readonly timeoutMs = (MAX_TIMEOUT_SECONDS + 5) * 1000;
  readonly parametersSchema: ParametersSchema = {
    type: 'object',
    properties: {
      method: { type: 'string', enum: ['GET', 'POST'], description: 'Default GET.' },
      url: {
        type: 'string',
        minLength: 1,
        maxLength: 8192,
        description: 'http or https, without user name and password.',
      },
      headers: { type: 'array', maxItems: 64, items: HEADER, description: 'Each name once.' },
      body: {
        type: 'string',
        maxLength: MAX_BODY_LENGTH,
        description: 'Of a POST; say its type in a content-type header.',
      },
      timeout_seconds: {
        type: 'integer',
        minimum: 1,
        maximum: MAX_TIMEOUT_SECONDS,
        description: `For all of it, redirects too. Default ${DEFAULT_TIMEOUT_SECONDS}.`,
      },
      max_bytes: {
        type: 'integer',
        minimum: 1,
        maximum: MAX_BYTES,
        description: `Kept of the answer's body. Default ${DEFAULT_BYTES}.`,
      },
    },
    required: ['url'],
    additionalProperties: false,
  };
  private readonly allowedHosts: readonly string[];

  constructor(
    { tools }: AppConfig,
    private readonly egress: Egress,
  ) {
    super();
    this.allowedHosts = tools.httpAllowedHosts;
  }

  override availability(): Availability {
    if (this.allowedHosts.length > 0) return { available: true };
    return { available: false, reason: 'No host may be reached. Name those that may in HTTP_ALLOWED_HOSTS.' };
  }

  override isRepeatable({ method = 'GET' }: HttpRequestParameters): boolean {
    return method === 'GET';
  }

  override check({ method = 'GET', headers = [], body }: HttpRequestParameters): readonly ParameterError[] {
    const names = headers.map(({ name }) => name.toLowerCase());
    const errors = names.flatMap((name, at) =>
      names.indexOf(name) < at ? [{ field: `headers[${at}].name`, message: `${name} is given twice.` }] : [],
    );
    if (method === 'GET' && body !== undefined) errors.push({ field: 'body', message: 'A GET request has no body.' });
    return errors;
  }

  async run(parameters: HttpRequestParameters, context: ToolContext): Promise<ToolResult> {
    const { method = 'GET', url, headers = [], body, timeout_seconds: seconds = DEFAULT_TIMEOUT_SECONDS } = parameters;
    try {
      const answer = await this.egress.fetch({
        url,
        method,
        headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
        body,
        allowedHosts: this.allowedHosts,
        maxRedirects: MAX_REDIRECTS,
        maxBytes: parameters.max_bytes ?? DEFAULT_BYTES,
        timeoutMs: Math.min(seconds * 1000, context.timeoutMs),
        signal: context.signal,
      });
      return resultOf(answer);
    } catch (error) {
      return failureOf(error);
    }
  }
}

/** An answer of 400 and above is told whole, and is not what was asked for. */
function resultOf({ status, headers, url, redirects, body, isTruncated }: EgressResponse): ToolResult {
  const text = textOf(body, headers['content-type']);
  // A session that the server offers is nobody's here: no later request has it.
  const { 'set-cookie': _cookies, ...told } = headers;
  const isSuccess = status < 400;
  return {
    success: isSuccess,
    output: {
      status,
      url,
      redirects,
      headers: told,
      body: text ?? '',
      is_binary: text === undefined,
      bytes: body.length,
      is_truncated: isTruncated,
    },
    ...(!isSuccess && { errorMessage: `The server answered ${status}.` }),
  };
}

/** @throws ToolRefusal when nothing was sent; after a redirect something was, and that is a run that failed */
function failureOf(error: unknown): ToolResult {
  if (error instanceof EgressFailed) return { success: false, output: null, errorMessage: error.message };
  if (!(error instanceof EgressRefused)) throw error;
  if (error.sentTo.length === 0) throw new ToolRefusal(error.rule, error.message);
  return {
    success: false,
    output: { redirects: error.sentTo },
    errorMessage: `A redirect was not followed. ${error.message}`,
    metadata: { refused_redirect: error.rule },
  };
}
