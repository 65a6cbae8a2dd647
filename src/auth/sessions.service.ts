import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Database } from '../database/database.service.js';
import { newId } from '../database/ids.js';
import { Problem } from '../http/problem.js';
import { ExpiringCache } from './expiring-cache.js';
import { Passwords } from './passwords.js';
import type { Principal } from './principal.js';
import type { Role } from './roles.js';
import { ACCESS_TOKEN_SECONDS, hashOf, newSecret, type TokenClaims } from './tokens.js';

/** How long a replica may go on trusting what another one revoked. */
const TRUST_MS = 5_000;
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
  ) {}

  /** @throws Problem UNAUTHENTICATED, the same for every reason */
  async login(username: string, password: string): Promise<IssuedTokens> {
    const [user] = await this.database.query<CredentialRow>(
      `SELECT ${CREDENTIAL_COLUMNS} FROM users WHERE username = $1`,
      [username],
    );
    const isRight = await this.passwords.matches(user?.password_hash, password);
    if (!user || !isRight || !user.is_active) {
      throw new Problem('UNAUTHENTICATED', 'The name or the password is wrong.');
    }
    const sessionId = newId();
    const secret = newSecret();
    await this.database.transaction(async (tx) => {
      await tx.query('UPDATE users SET last_login_at = now() WHERE id = $1', [user.id]);
      await tx.query('DELETE FROM sessions WHERE user_id = $1 AND expires_at < now()', [user.id]);
      await tx.query(
        `INSERT INTO sessions (id, user_id, refresh_hash, expires_at) VALUES ($1, $2, $3, now() + ${SESSION_LIFETIME})`,
        [sessionId, user.id, hashOf(secret)],
      );
    });
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
      const [user] = await this.database.query<UserRow>(
        `UPDATE sessions s SET refresh_hash = $3, refreshed_at = now() FROM users u
         WHERE s.id = $1 AND s.refresh_hash = $2 AND s.expires_at > now() AND u.id = s.user_id AND u.is_active
         RETURNING u.id, u.username, u.role, u.token_version`,
        [sessionId, hashOf(oldSecret), hashOf(secret)],
      );
      if (user) return this.issue(user, sessionId, secret);
      await this.end(sessionId);
    }
    throw new Problem('UNAUTHENTICATED', 'The refresh token is not valid (any more); sign in again.');
  }

  async end(sessionId: string): Promise<void> {
    await this.database.query('DELETE FROM sessions WHERE id = $1', [sessionId]);
    this.forget();
  }

  /**
   * Sets a new password and ends the user's other sessions.
   * @throws Problem FORBIDDEN for API keys, VALIDATION_ERROR when the current password is wrong
   */
  async changePassword(principal: Principal, currentPassword: string, newPassword: string): Promise<void> {
    if (principal.kind !== 'user') throw new Problem('FORBIDDEN', 'Only users have a password.');
    const [user] = await this.database.query<CredentialRow>(`SELECT ${CREDENTIAL_COLUMNS} FROM users WHERE id = $1`, [
      principal.id,
    ]);
    if (!(await this.passwords.matches(user?.password_hash, currentPassword))) {
      const errors = [{ field: 'current_password', message: 'is wrong' }];
      throw new Problem('VALIDATION_ERROR', 'The current password is wrong.', { errors });
    }
    const passwordHash = await this.passwords.hash(newPassword);
    await this.database.transaction(async (tx) => {
      const change = 'UPDATE users SET password_hash = $2, updated_at = now() WHERE id = $1';
      await tx.query(change, [principal.id, passwordHash]);
      await tx.query('DELETE FROM sessions WHERE user_id = $1 AND id <> $2', [principal.id, principal.sessionId]);
    });
    this.forget();
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

  /** To be called after every change to users or sessions: this process trusts nothing it knew before. */
  forget(): void {
    this.principals.clear();
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
