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
import { DataSource } from 'typeorm';
import { ClientSql, PoolSql } from './sql.js';
/**
 * SQL and transactions on the application's pool. Entities describe the schema and serve the lists of the API;
 * what a durable step writes goes through `Sql`, because it has to run on the connection the step's checkpoint commits with.
 */
let Database = class Database {
    dataSource;
    pool;
    sql;
    constructor(dataSource) {
        this.dataSource = dataSource;
        this.pool = dataSource.driver.master;
        this.sql = new PoolSql(this.pool);
    }
    query(text, values) {
        return this.sql.query(text, values);
    }
    /** Runs `work` in one READ COMMITTED transaction: committed when it resolves, rolled back when it throws. */
    async transaction(work) {
        const client = await this.pool.connect();
        let broken;
        try {
            await client.query('BEGIN');
            const result = await work(new ClientSql(client));
            await client.query('COMMIT');
            return result;
        }
        catch (error) {
            await client.query('ROLLBACK').catch((cause) => {
                broken = cause instanceof Error ? cause : new Error(String(cause));
            });
            throw error;
        }
        finally {
            client.release(broken);
        }
    }
};
Database = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [DataSource])
], Database);
export { Database };
//# sourceMappingURL=database.service.js.map