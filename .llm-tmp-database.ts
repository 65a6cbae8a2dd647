import { DataSource } from 'typeorm';
import pg from 'pg';
import { migrations } from './migrations/index.js';
let n = 0;
export async function createTestDatabase() {
  const name = `llm_${process.pid}_${n++}_${Date.now()}`;
  const admin = 'postgres://postgres@127.0.0.1:55433/postgres';
  const run = async (sql: string) => { const c = new pg.Client(admin); await c.connect(); await c.query(sql); await c.end(); };
  await run(`CREATE DATABASE ${name}`);
  const url = `postgres://postgres@127.0.0.1:55433/${name}`;
  const ds = new DataSource({ type: 'postgres', url, migrations });
  await ds.initialize(); await ds.runMigrations(); await ds.destroy();
  return { url, drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) };
}
