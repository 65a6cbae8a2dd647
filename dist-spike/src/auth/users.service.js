var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.service.js';
import { newId } from '../database/ids.js';
import { decodeCursor, exactTime, pageOf } from '../http/cursor.js';
import { notFound, Problem } from '../http/problem.js';
import { Passwords } from './passwords.js';
import { Sessions } from './sessions.service.js';
const COLUMNS = `id, username, role, is_active, last_login_at, created_at, updated_at, ${exactTime('created_at')} AS at`;
let Users = class Users {
    database;
    passwords;
    sessions;
    constructor(database, passwords, sessions) {
        this.database = database;
        this.passwords = passwords;
        this.sessions = sessions;
    }
    async list({ limit, cursor }) {
        const after = cursor === undefined ? undefined : decodeCursor(cursor);
        const rows = await this.database.query(`SELECT ${COLUMNS} FROM users
       WHERE $1::timestamptz IS NULL OR (created_at, id) < ($1, $2::uuid)
       ORDER BY created_at DESC, id DESC LIMIT $3`, [after?.at, after?.id, limit + 1]);
        return pageOf(rows, limit, present);
    }
    /** @throws Problem CONFLICT when the name is taken */
    async create({ username, password, role }) {
        const passwordHash = await this.passwords.hash(password);
        const [row] = await this.database.query(`INSERT INTO users (id, username, password_hash, role) VALUES ($1, $2, $3, $4) RETURNING ${COLUMNS}`, [newId(), username, passwordHash, role]);
        if (!row)
            throw new Error('The new user was not returned.');
        return present(row);
    }
    /** @throws Problem NOT_FOUND, CONFLICT for the last active admin */
    async update(id, { password, role, is_active }) {
        const passwordHash = password === undefined ? null : await this.passwords.hash(password);
        const staysAdmin = (role ?? 'admin') === 'admin' && is_active !== false;
        const signsOut = password !== undefined || is_active === false;
        const row = await this.database.transaction(async (tx) => {
            if (!staysAdmin)
                await keepAnAdmin(tx, id);
            const [updated] = await tx.query(`UPDATE users SET role = coalesce($2, role), is_active = coalesce($3, is_active),
           password_hash = coalesce($4, password_hash), token_version = token_version + $5, updated_at = now()
         WHERE id = $1 RETURNING ${COLUMNS}`, [id, role, is_active, passwordHash, signsOut ? 1 : 0]);
            if (signsOut)
                await tx.query('DELETE FROM sessions WHERE user_id = $1', [id]);
            return updated;
        });
        this.sessions.forget();
        if (!row)
            throw notFound('The user');
        return present(row);
    }
    /** @throws Problem NOT_FOUND, CONFLICT for the last active admin */
    async remove(id) {
        const removed = await this.database.transaction(async (tx) => {
            await keepAnAdmin(tx, id);
            return tx.query('DELETE FROM users WHERE id = $1 RETURNING id', [id]);
        });
        this.sessions.forget();
        if (removed.length === 0)
            throw notFound('The user');
    }
};
Users = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Database,
        Passwords,
        Sessions])
], Users);
export { Users };
/** Locks the active admins in one order, so that two of them cannot remove each other at once. */
async function keepAnAdmin(tx, leaving) {
    const admins = await tx.query("SELECT id FROM users WHERE role = 'admin' AND is_active ORDER BY id FOR UPDATE");
    if (admins.length === 1 && admins[0]?.id === leaving) {
        throw new Problem('CONFLICT', 'This is the last active admin; make another one first.');
    }
}
const present = (row) => ({
    id: row.id,
    username: row.username,
    role: row.role,
    is_active: row.is_active,
    last_login_at: row.last_login_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
});
//# sourceMappingURL=users.service.js.map