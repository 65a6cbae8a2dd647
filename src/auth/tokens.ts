import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import type { JwtModuleOptions } from '@nestjs/jwt';
import type { AppConfig } from '../config/app-config.js';

export const ACCESS_TOKEN_SECONDS = 15 * 60;
export const ALGORITHM = 'HS256';
export const ISSUER = 'nyx';
export const AUDIENCE = 'nyx-api';

/** What an access token says. */
export interface TokenClaims {
  /** User id. */
  readonly sub: string;
  /** Session id. */
  readonly sid: string;
  /** The user's token version when it was signed. */
  readonly ver: number;
}

/** A key object: as a string every verification would derive it anew. */
export const signingKey = (config: AppConfig): ReturnType<typeof createSecretKey> =>
  createSecretKey(Buffer.from(config.jwtSecret, 'utf8'));

export const jwtOptions = (config: AppConfig): JwtModuleOptions => ({
  secret: signingKey(config),
  signOptions: { algorithm: ALGORITHM, expiresIn: ACCESS_TOKEN_SECONDS, issuer: ISSUER, audience: AUDIENCE },
});

/** 256 random bits as 43 characters. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256, hex. Enough for secrets of 256 random bits; passwords go through Argon2. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
