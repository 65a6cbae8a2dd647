import { NyxProblem } from './problem.js';
import type { components } from './schema.js';

type Tokens = components['schemas']['TokenResponse'];

/** As it goes into the handshake of a socket; empty where nobody has signed in. */
export interface Secret {
  readonly token?: string;
  readonly apiKey?: string;
}

/** Who asks. */
export class Session {
  private refreshToken: string | undefined;
  private renewal: Promise<void> | undefined;

  constructor(
    private readonly url: string,
    private current: Secret,
  ) {}

  get secret(): Secret {
    return this.current;
  }

  /** @throws NyxProblem */
  async signIn(username: string, password: string): Promise<void> {
    this.take(await this.ask('login', { username, password }));
  }

  /**
   * Gets another secret than the one that was refused. However many were refused together, it is asked for once: a refresh token is good
   * for one exchange.
   * @returns false where there is none to be had
   * @throws NyxProblem where the session has ended
   */
  async renew(refused: Secret): Promise<boolean> {
    if (refused !== this.current) return true;
    if (this.refreshToken === undefined) return false;
    this.renewal ??= this.refresh(this.refreshToken).finally(() => {
      this.renewal = undefined;
    });
    await this.renewal;
    return true;
  }

  private async refresh(refreshToken: string): Promise<void> {
    this.take(await this.ask('refresh', { refresh_token: refreshToken }));
  }

  private take({ access_token, refresh_token }: Tokens): void {
    this.current = { token: access_token };
    this.refreshToken = refresh_token;
  }

  private async ask(path: 'login' | 'refresh', body: object): Promise<Tokens> {
    const answer = await fetch(`${this.url}/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw await NyxProblem.ofAnswer(answer);
    return (await answer.json()) as Tokens;
  }
}
