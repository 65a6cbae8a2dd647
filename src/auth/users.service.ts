import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.service.js';
import { newId } from '../database/ids.js';
import type { Transaction } from '../database/sql.js';
import { type Cursor, exactTime, type Page, pageOf, placeAfter } from '../http/cursor.js';
import type { PageQuery } from '../http/page-query.dto.js';
import type { Plain } from '../http/plain.js';
import { notFound, Problem } from '../http/problem.js';
import type { CreateUser, UpdateUser, UserView } from './dto/user.dto.js';
import { PasswordPolicy } from './password-policy.js';
import { Passwords } from './passwords.js';
import type { Role } from './roles.js';
import { Sessions } from './sessions.service.js';

interface UserRow extends Cursor {
  readonly id: string;
  readonly username: string;
  readonly role: Role;
  readonly is_active: boolean;
  readonly last_login_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const COLUMNS = `id, username, role, is_active, last_login_at, created_at, updated_at, ${exactTime('created_at')} AS at`;

@Injectable()
export class Users {
  constructor(
    private readonly database: Database,
    private readonly passwords: Passwords,
    private readonly policy: PasswordPolicy,
    private readonly sessions: Sessions,
  ) {}

  async list({ limit, cursor }: PageQuery): Promise<Page<Plain<UserView>>> {
    const after = placeAfter(cursor);
    const rows = await this.database.query<UserRow>(
      `SELECT ${COLUMNS} FROM users
       WHERE (created_at, id) < ($1::timestamptz, $2::uuid)
       ORDER BY created_at DESC, id DESC LIMIT $3`,
      [after.at, after.id, limit + 1],
    );
    return pageOf(rows, limit, present);
  }

  /** @throws Problem CONFLICT when the name is taken, VALIDATION_ERROR when the password is too easy to guess */
  async create({ username, password, role }: CreateUser): Promise<Plain<UserView>> {
    this.policy.check('password', password, username);
    const passwordHash = await this.passwords.hash(password);
    const [row] = await this.database.query<UserRow>(
      `INSERT INTO users (id, username, password_hash, role) VALUES ($1, $2, $3, $4) RETURNING ${COLUMNS}`,
      [newId(), username, passwordHash, role],
    );
    if (!row) throw new Error('The new user was not returned.');
    return present(row);
  }

  /** @throws Problem NOT_FOUND, CONFLICT for the last active admin, VALIDATION_ERROR when the password is too easy to guess */
  async update(id: string, { password, role, is_active }: UpdateUser): Promise<Plain<UserView>> {
    const passwordHash = password === undefined ? null : await this.newHash(id, password);
    const staysAdmin = (role ?? 'admin') === 'admin' && is_active !== false;
    const signsOut = password !== undefined || is_active === false;
    const row = await this.sessions.change(async (tx) => {
      if (!staysAdmin) await keepAnAdmin(tx, id);
      const [updated] = await tx.query<UserRow>(
        `UPDATE users SET role = coalesce($2, role), is_active = coalesce($3, is_active),
           password_hash = coalesce($4, password_hash), token_version = token_version + $5, updated_at = now()
         WHERE id = $1 RETURNING ${COLUMNS}`,
        [id, role, is_active, passwordHash, signsOut ? 1 : 0],
      );
      if (signsOut) await tx.query('DELETE FROM sessions WHERE user_id = $1', [id]);
      return updated;
    });
    if (!row) throw notFound('The user');
    return present(row);
  }

  private async newHash(id: string, password: string): Promise<string> {
    const [user] = await this.database.query<Pick<UserRow, 'username'>>('SELECT username FROM users WHERE id = $1', [
      id,
    ]);
    if (user === undefined) throw notFound('The user');
    this.policy.check('password', password, user.username);
    return this.passwords.hash(password);
  }

  /** @throws Problem NOT_FOUND, CONFLICT for the last active admin */
  async remove(id: string): Promise<void> {
    const removed = await this.sessions.change(async (tx) => {
      await keepAnAdmin(tx, id);
      return tx.query('DELETE FROM users WHERE id = $1 RETURNING id', [id]);
    });
    if (removed.length === 0) throw notFound('The user');
  }
}

/** Locks the active admins in one order, so that two of them cannot remove each other at once. */
async function keepAnAdmin(tx: Transaction, leaving: string): Promise<void> {
  const admins = await tx.query<{ id: string }>(
    "SELECT id FROM users WHERE role = 'admin' AND is_active ORDER BY id FOR UPDATE",
  );
  if (admins.length === 1 && admins[0]?.id === leaving) {
    throw new Problem('CONFLICT', 'This is the last active admin; make another one first.');
  }
}

const present = (row: UserRow): Plain<UserView> => ({
  id: row.id,
  username: row.username,
  role: row.role,
  is_active: row.is_active,
  last_login_at: row.last_login_at?.toISOString() ?? null,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
});
