import { Injectable } from '@nestjs/common';
import { ADVISORY_LOCKS } from '../database/advisory-locks.js';
import { AppConfig } from '../config/app-config.js';
import { Database } from '../database/database.service.js';
import { newId } from '../database/ids.js';
import { Passwords } from './passwords.js';
import { newSecret } from './tokens.js';

const GENERATED_PASSWORD_LENGTH = 24;

export interface FirstAdmin {
  readonly username: string;
  readonly password: string;
  /** The password was made up here, so someone has to be told. */
  readonly isGenerated: boolean;
}

@Injectable()
export class FirstStart {
  constructor(
    private readonly database: Database,
    private readonly passwords: Passwords,
    private readonly config: AppConfig,
  ) {}

  /** Makes the first user, an admin, where there are no users at all; undefined where there are. Replicas that start at once make one. */
  async ensureAdmin(): Promise<FirstAdmin | undefined> {
    if (await this.hasUsers()) return undefined;
    const { username, password: configured } = this.config.admin;
    const password = configured ?? newSecret().slice(0, GENERATED_PASSWORD_LENGTH);
    const passwordHash = await this.passwords.hash(password);
    const made = await this.database.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.firstStart]);
      return tx.query(
        `INSERT INTO users (id, username, password_hash, role)
         SELECT $1, $2, $3, 'admin' WHERE NOT EXISTS (SELECT 1 FROM users) RETURNING id`,
        [newId(), username, passwordHash],
      );
    });
    return made.length === 0 ? undefined : { username, password, isGenerated: configured === undefined };
  }

  private async hasUsers(): Promise<boolean> {
    return (await this.database.query('SELECT 1 FROM users LIMIT 1')).length > 0;
  }
}
