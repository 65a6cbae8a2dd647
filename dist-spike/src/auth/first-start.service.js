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
import { AppConfig } from '../config/app-config.js';
import { Database } from '../database/database.service.js';
import { newId } from '../database/ids.js';
import { Passwords } from './passwords.js';
import { newSecret } from './tokens.js';
/** Any fixed number: replicas that start at once agree on it. */
const FIRST_START_LOCK = 7_318_001;
const GENERATED_PASSWORD_LENGTH = 24;
let FirstStart = class FirstStart {
    database;
    passwords;
    config;
    constructor(database, passwords, config) {
        this.database = database;
        this.passwords = passwords;
        this.config = config;
    }
    /** Makes the first user, an admin, where there are no users at all; undefined where there are. Replicas that start at once make one. */
    async ensureAdmin() {
        if (await this.hasUsers())
            return undefined;
        const { username, password: configured } = this.config.admin;
        const password = configured ?? newSecret().slice(0, GENERATED_PASSWORD_LENGTH);
        const passwordHash = await this.passwords.hash(password);
        const made = await this.database.transaction(async (tx) => {
            await tx.query('SELECT pg_advisory_xact_lock($1)', [FIRST_START_LOCK]);
            return tx.query(`INSERT INTO users (id, username, password_hash, role)
         SELECT $1, $2, $3, 'admin' WHERE NOT EXISTS (SELECT 1 FROM users) RETURNING id`, [newId(), username, passwordHash]);
        });
        return made.length === 0 ? undefined : { username, password, isGenerated: configured === undefined };
    }
    async hasUsers() {
        return (await this.database.query('SELECT 1 FROM users LIMIT 1')).length > 0;
    }
};
FirstStart = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Database,
        Passwords,
        AppConfig])
], FirstStart);
export { FirstStart };
//# sourceMappingURL=first-start.service.js.map