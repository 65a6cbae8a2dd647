import pg from 'pg';
import { createTestDatabase, type TestDatabase } from './database.js';

/** A database for every test of a `describe`, and clients of it beside each other, which are ended with it. */
export class DatabaseClients {
  private database: TestDatabase | undefined;
  private clients: pg.Client[] = [];

  static forEachTest(options?: Parameters<typeof createTestDatabase>[0]): DatabaseClients {
    const room = new DatabaseClients();
    beforeEach(async () => {
      room.database = await createTestDatabase(options);
      room.clients = [];
    });
    afterEach(async () => {
      await Promise.all(room.clients.map((client) => client.end()));
      await room.database?.drop();
    });
    return room;
  }

  get url(): string {
    if (this.database === undefined) throw new Error('There is a database while a test runs.');
    return this.database.url;
  }

  async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url });
    this.clients.push(client);
    await client.connect();
    return client;
  }
}
