import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Notifications } from '../database/notifications.service.js';
import { Database } from '../database/database.service.js';
import { newId } from '../database/ids.js';
import type { Transaction } from '../database/sql.js';
import { Problem } from '../http/problem.js';
import { currentAct } from './audit/act.js';
import { Audit, type AuditEntry } from './audit/audit.service.js';
import { ExpiringCache } from './expiring-cache.js';
import { LoginThrottle } from './login-throttle.js';
import { PasswordPolicy } from './password-policy.js';
import { Passwords } from './passwords.js';
import type { Principal } from './principal.js';
import type { Role } from './roles.js';
import { ACCESS_TOKEN_SECONDS, hashOf, newSecret, type TokenClaims } from './tokens.js';

/** Tells every replica that sessions, users or keys changed. */
export const ACCESS_CHANNEL = 'nyx_access';
/** What another replica revoked is heard of at once; this is for a notification that is lost. */
const TRUST_MS = 30_000;
const SESSION_LIFETIME = "interval '30 days'";
const REFRESH_TOKEN = /^nyxr_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})_([\w-]{43})$/;

interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly role: Role;
  readonly token_version: number;
}

interface CredentialRow extends UserRow {
  readonly password_hash: string;
  readonly is_active: boolean;
}

const CREDENTIAL_COLUMNS = 'id, username, role, token_version, password_hash, is_active';

export interface PasswordChange {
  readonly current: string;
  readonly next: string;
}

export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
  readonly role: Role;
}

/** Sessions of users. An access token is good while its session, its user and the user's token version are. */
@Injectable()
export class Sessions {
  private readonly principals = new ExpiringCache<Principal | undefined>(TRUST_MS, 10_000);

  constructor(
    private readonly database: Database,
    private readonly jwt: JwtService,
    private readonly passwords: Passwords,
    private readonly policy: PasswordPolicy,
    private readonly throttle: LoginThrottle,
    private readonly notifications: Notifications,
    private readonly audit: Audit,
  ) {
    notifications.on(ACCESS_CHANNEL, () => this.principals.clear());
    notifications.onReconnect(() => this.principals.clear());
  }

  /** @throws Problem UNAUTHENTICATED, the same for every reason; RATE_LIMITED */
  async login(username: string, password: string, address: string): Promise<IssuedTokens> {
    const user = await this.throttle.guard(username, address, async () => {
      const [found] = await this.database.query<CredentialRow>(
        `SELECT ${CREDENTIAL_COLUMNS} FROM users WHERE username = $1`,
        [username],
      );
      const isRight = await this.passwords.matches(found?.password_hash, password);
      return isRight && found?.is_active === true ? found : undefined;
    });
    const wrong = new Problem('UNAUTHENTICATED', 'The name or the password is wrong.');
    if (user === undefined) throw wrong;
    const sessionId = newId();
    const secret = newSecret();
    const isStillRight = await this.database.transaction(async (tx) => {
      // A reset or a deactivation that came since has ended all sessions; this one must not come after it.
      const still =
        'UPDATE users SET last_login_at = now() WHERE id = $1 AND password_hash = $2 AND is_active RETURNING id';
      if ((await tx.query(still, [user.id, user.password_hash])).length === 0) return false;
      await tx.query('DELETE FROM sessions WHERE user_id = $1 AND expires_at < now()', [user.id]);
      await tx.query(
        `INSERT INTO sessions (id, user_id, refresh_hash, expires_at) VALUES ($1, $2, $3, now() + ${SESSION_LIFETIME})`,
        [sessionId, user.id, hashOf(secret)],
      );
      await this.record(tx, user, { action: 'login', outcome: 'done', status: 200 });
      return true;
    });
    if (!isStillRight) throw wrong;
    return this.issue(user, sessionId, secret);
  }

  /**
   * Exchanges a refresh token for a new pair. Whoever comes with one that was exchanged before ends the session: one of the two stole it.
   * @throws Problem UNAUTHENTICATED
   */
  async refresh(refreshToken: string): Promise<IssuedTokens> {
    const [, sessionId, oldSecret] = REFRESH_TOKEN.exec(refreshToken) ?? [];
    if (sessionId !== undefined && oldSecret !== undefined) {
      const secret = newSecret();
      const user = await this.database.transaction(async (tx) => {
        const [found] = await tx.query<UserRow>(
          `UPDATE sessions s SET refresh_hash = $3, refreshed_at = now() FROM users u
           WHERE s.id = $1 AND s.refresh_hash = $2 AND s.expires_at > now() AND u.id = s.user_id AND u.is_active
           RETURNING u.id, u.username, u.role, u.token_version`,
          [sessionId, hashOf(oldSecret), hashOf(secret)],
        );
        if (found) await this.record(tx, found, { action: 'refreshTokens', outcome: 'done', status: 200 });
        return found;
      });
      if (user) return this.issue(user, sessionId, secret);
      await this.endReused(sessionId);
    }
    throw new Problem('UNAUTHENTICATED', 'The refresh token is not valid (any more); sign in again.');
  }

  async end(sessionId: string): Promise<void> {
    await this.change((tx) => tx.query('DELETE FROM sessions WHERE id = $1', [sessionId]));
  }

  /** Whoever asks has no session, so nobody is made to forget anything for one that is not there. */
  private async endReused(sessionId: string): Promise<void> {
    const hasEnded = await this.database.transaction(async (tx) => {
      const [user] = await tx.query<UserRow>(
        `DELETE FROM sessions s USING users u WHERE s.id = $1 AND u.id = s.user_id
         RETURNING u.id, u.username, u.role, u.token_version`,
        [sessionId],
      );
      if (user === undefined) return false;
      await this.announce(tx);
      await this.record(tx, user, { action: 'endReusedSession', outcome: 'done' });
      return true;
    });
    if (hasEnded) this.principals.clear();
  }

  /**
   * Sets a new password and ends the user's other sessions.
   * @throws Problem FORBIDDEN for who has no password here, VALIDATION_ERROR when the current one is wrong (by now) or the new one too
   * easy to guess, RATE_LIMITED
   */
  async changePassword(principal: Principal, passwords: PasswordChange, address: string): Promise<void> {
    const { current, next } = passwords;
    if (principal.sessionId === undefined) throw new Problem('FORBIDDEN', 'Only users of this NYX have a password.');
    const errors = [{ field: 'current_password', message: 'is wrong' }];
    const wrong = new Problem('VALIDATION_ERROR', 'The current password is wrong.', { errors });
    const currentHash = await this.throttle.guard(principal.username, address, async () => {
      const [user] = await this.database.query<CredentialRow>(`SELECT ${CREDENTIAL_COLUMNS} FROM users WHERE id = $1`, [
        principal.id,
      ]);
      return (await this.passwords.matches(user?.password_hash, current)) ? user?.password_hash : undefined;
    });
    if (currentHash === undefined) throw wrong;
    this.policy.check('new_password', next, principal.username);
    const passwordHash = await this.passwords.hash(next);
    const isChanged = await this.change(async (tx) => {
      // Not over one that an admin has set since: that was to keep somebody out.
      const change =
        'UPDATE users SET password_hash = $2, updated_at = now() WHERE id = $1 AND password_hash = $3 RETURNING id';
      if ((await tx.query(change, [principal.id, passwordHash, currentHash])).length === 0) return false;
      await tx.query('DELETE FROM sessions WHERE user_id = $1 AND id <> $2', [principal.id, principal.sessionId]);
      return true;
    });
    if (!isChanged) throw wrong;
  }

  /** Whom a verified access token stands for; undefined when its session or its user is no more. */
  principalFor({ sub, sid, ver }: TokenClaims): Promise<Principal | undefined> {
    return this.principals.get(`${sid} ${sub} ${ver}`, async () => {
      const [user] = await this.database.query<UserRow>(
        `SELECT u.id, u.username, u.role, u.token_version FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.id = $1 AND u.id = $2 AND u.token_version = $3 AND u.is_active AND s.expires_at > now()`,
        [sid, sub, ver],
      );
      return user && { id: user.id, username: user.username, role: user.role, kind: 'user', sessionId: sid };
    });
  }

  /** Changes users or sessions in a transaction; with its commit no replica trusts what it knew before, also if this one dies after it. */
  async change<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      return await this.database.transaction(async (tx) => {
        const result = await work(tx);
        await this.announce(tx);
        return result;
      });
    } finally {
      this.principals.clear();
    }
  }

  private announce(tx: Transaction): Promise<void> {
    return this.notifications.notifyWith(tx, ACCESS_CHANNEL, 'users');
  }

  /** What somebody did who has no principal yet. */
  private async record(
    tx: Transaction,
    { id, username, role }: UserRow,
    entry: Pick<AuditEntry, 'action' | 'outcome' | 'status'>,
  ): Promise<void> {
    const act = currentAct(entry.action);
    if (act !== undefined)
      await this.audit.record({ ...act, ...entry, actor: { id, username, kind: 'user', role } }, tx);
  }

  private async issue(user: UserRow, sessionId: string, secret: string): Promise<IssuedTokens> {
    const claims: TokenClaims = { sub: user.id, sid: sessionId, ver: user.token_version };
    return {
      accessToken: await this.jwt.signAsync(claims),
      refreshToken: `nyxr_${sessionId}_${secret}`,
      expiresInSeconds: ACCESS_TOKEN_SECONDS,
      role: user.role,
    };
  }
}
