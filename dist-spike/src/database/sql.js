export class PoolSql {
    pool;
    constructor(pool) {
        this.pool = pool;
    }
    async query(text, values = []) {
        return (await this.pool.query(text, [...values])).rows;
    }
}
export class ClientSql {
    client;
    constructor(client) {
        this.client = client;
    }
    async query(text, values = []) {
        return (await this.client.query(text, [...values])).rows;
    }
}
//# sourceMappingURL=sql.js.map