import { NyxProblem } from './problem.js';
import type { components } from './schema.js';

type Tokens = components['schemas']['TokenResponse'];

/** As it goes into the handshake of a socket; empty where nobody has signed in. */
export interface Secret {
  readonly token?: string;
  readonly apiKey?: string;
}

/**
 * Longer than NYX may take to say that its database is held up: whoever leaves before does not hear of the new refresh token, and the old one
 * ends the session.
 */
const MOST_WAIT_MS = 90_000;

/** Who asks. */
export class Session {
  private refreshToken: string | undefined;
  private renewal: { readonly of: string; readonly done: Promise<void> } | undefined;

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
   * @param signal ends the waiting, and not what others wait for too
   * @returns false where there is none to be had
   * @throws NyxProblem where the session has ended; what the signal gives as its reason
   */
  async renew(refused: Secret, signal: AbortSignal | undefined): Promise<boolean> {
    if (refused !== this.current) return true;
    const { refreshToken } = this;
    if (refreshToken === undefined) return false;
    if (this.renewal?.of !== refreshToken) this.renewal = { of: refreshToken, done: this.refresh(refreshToken) };
    await unlessAborted(this.renewal.done, signal);
    return true;
  }

  private async refresh(refreshToken: string): Promise<void> {
    try {
      const tokens = await this.ask('refresh', { refresh_token: refreshToken });
      // Somebody may have signed in meanwhile.
      if (this.refreshToken === refreshToken) this.take(tokens);
    } finally {
      if (this.renewal?.of === refreshToken) this.renewal = undefined;
    }
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
      signal: AbortSignal.timeout(MOST_WAIT_MS),
    });
    if (!answer.ok) throw await NyxProblem.ofAnswer(answer);
    return (await answer.json()) as Tokens;
  }
}

function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
