import type { Response } from 'express';

/** What is answered to a request, with its status and headers. */
export interface Reply<Body> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

export function send<T>(response: Response, { status, headers, body }: Reply<T>): T {
  response.status(status).set(headers);
  return body;
}
