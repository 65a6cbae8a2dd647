import { JWT_SECRET, type ProbeApp, startProbeApp } from '../http/probe-app.js';
import { startApp, type TestApp } from '../support/app.js';

/** Two replicas on one database: a NYX, and the doors of another, at which access is changed. */
export class TwoReplicas {
  private constructor(
    readonly nyx: TestApp,
    readonly other: ProbeApp,
  ) {}

  static async start(): Promise<TwoReplicas> {
    const nyx = await startApp({ jwtSecret: JWT_SECRET });
    return new TwoReplicas(nyx, await startProbeApp(nyx.config.database.url ?? ''));
  }

  /** Asks the other one under /api/v1/auth, as the admin. */
  async change(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.other.url}/api/v1/auth/${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.nyx.token('admin')}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  async close(): Promise<void> {
    await this.other.close();
    await this.nyx.close();
  }
}
