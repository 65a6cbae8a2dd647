import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AppConfig } from '../../config/app-config.js';
import { ABOUT } from '../../system/about.js';
import { urlOf } from '../address.rules.js';
import { listenError } from '../listen-error.js';
import { good, wrong, type Finding } from './finding.js';

const GREETING_TIMEOUT_MS = 2_000;

/** Whether NYX can listen where it is to, or does. */
export async function checkAddress({ http: { host, port, names } }: AppConfig): Promise<Finding> {
  const url = urlOf(host, port);
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return good('address', `NYX can listen on ${url}.`);
  } catch (error) {
    if (await greets(url)) return good('address', `A NYX listens on ${url}.`);
    const known = listenError(error, names, host, port);
    return wrong('address', known instanceof Error ? known.message : String(known));
  } finally {
    server.close();
  }
}

async function greets(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(GREETING_TIMEOUT_MS) });
    const greeting = (await answer.json()) as { message?: unknown } | null;
    return greeting?.message === ABOUT.name;
  } catch {
    return false;
  }
}
