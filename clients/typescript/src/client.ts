import createClient, { type FetchResponse, type MaybeOptionalInit } from 'openapi-fetch';
import type {
  HttpMethod,
  MediaType,
  PathsWithMethod,
  RequiredKeysOf,
  ResponseObjectMap,
  SuccessResponse,
} from 'openapi-typescript-helpers';
import { decoded } from './decoded.js';
import { follow, type FollowOptions } from './follow.js';
import { NyxProblem } from './problem.js';
import type { paths } from './schema.js';
import { type Secret, Session } from './session.js';
import type { WorkflowEvent } from './subscription.js';

export interface NyxClientOptions {
  /** Where NYX answers, such as `http://127.0.0.1:8000`; a path at the end is what a proxy serves it under. */
  readonly url: string;
  /** An access token that is kept as it is; `signIn` gets one that is renewed. */
  readonly token?: string;
  readonly apiKey?: string;
}

type Answer<Operation, Init> =
  Operation extends Record<string | number, unknown>
    ? Init extends { readonly parseAs: string }
      ? Exclude<FetchResponse<Operation, Init, MediaType>['data'], undefined>
      : SuccessResponse<ResponseObjectMap<Operation>>
    : never;

/** Its 401 is about what was sent, not about the token. */
const BEGINS_SESSION = /\/api\/v1\/auth\/(login|refresh)$/;

/** @throws NyxProblem for every answer that is not a success; what `fetch` throws where there is none */
type Ask<Method extends HttpMethod> = <
  Path extends PathsWithMethod<paths, Method>,
  Init extends MaybeOptionalInit<paths[Path], Method>,
>(
  path: Path,
  ...init: RequiredKeysOf<Init> extends never ? [Init?] : [Init]
) => Promise<Answer<paths[Path][Method], Init>>;

/** Asks NYX; every route with the types of its parameters, body and answer. */
export class NyxClient {
  private readonly http = createClient<paths>({ fetch: (request) => this.send(request), bodySerializer: encoded });

  readonly get = this.asking('get');
  readonly post = this.asking('post');
  readonly put = this.asking('put');
  readonly patch = this.asking('patch');
  readonly delete = this.asking('delete');

  private readonly url: string;
  private readonly session: Session;

  constructor({ url, token, apiKey }: NyxClientOptions) {
    this.url = url.replace(/\/+$/, '');
    this.session = new Session(this.url, token === undefined ? { apiKey } : { token });
  }

  /**
   * From now on as that user, whose token is renewed whenever it has ended.
   * @throws NyxProblem
   */
  signIn(username: string, password: string): Promise<void> {
    return this.session.signIn(username, password);
  }

  /**
   * What happens in a workflow, each event once and in order, until it ends; broken connections are made again.
   * @throws NyxProblem where NYX refuses for good
   */
  follow(workflowId: string, options: FollowOptions = {}): AsyncGenerator<WorkflowEvent, void, undefined> {
    return follow(this.url, this.session, workflowId, options);
  }

  private asking<Method extends HttpMethod>(method: Method): Ask<Method> {
    const request = this.http.request as (
      method: HttpMethod,
      path: string,
      init: object,
    ) => Promise<{ data?: unknown; response: Response }>;
    const ask = async (path: string, init: { readonly parseAs?: string } = {}): Promise<unknown> => {
      const parseAs = init.parseAs ?? 'stream';
      const { data, response } = await request(method, path, { baseUrl: this.url, ...init, parseAs });
      return init.parseAs === undefined ? decoded(response) : data;
    };
    return ask as Ask<Method>;
  }

  private async send(request: Request): Promise<Response> {
    const again = request.clone();
    const { secret } = this.session;
    let answer = await fetch(signed(request, secret));
    if (
      answer.status === 401 &&
      !BEGINS_SESSION.test(request.url) &&
      (await this.session.renew(secret, request.signal))
    )
      answer = await fetch(signed(again, this.session.secret));
    if (!answer.ok) throw await NyxProblem.ofAnswer(answer);
    return answer;
  }
}

/** Files as they are. */
const encoded = (body: unknown): string | Blob =>
  typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body);

function signed(request: Request, { token, apiKey }: Secret): Request {
  if (token !== undefined) request.headers.set('authorization', `Bearer ${token}`);
  else if (apiKey !== undefined) request.headers.set('x-api-key', apiKey);
  return request;
}
