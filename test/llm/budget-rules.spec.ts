import { Decimal } from 'decimal.js';
import pg from 'pg';
import { placeOf, scopesOf, sessionScope, warningData } from '../../src/llm/budget/budget.rules.js';
import { utcPeriod } from '../../src/llm/budget/budget.sql.js';
import { createTestDatabase } from '../support/database.js';

describe('the scopes of a call', () => {
  it('are in locking order, deepest workflow first', () => {
    const scopes = scopesOf({
      attribution: { principalId: 'p', workflowId: 'child', sessionId: 's' },
      budget: { workflowIds: ['child', 'parent', 'root'], isAutonomous: true },
    });
    expect(scopes.map(({ kind, key }) => `${kind} ${key}`.trim())).toEqual([
      'workflow child',
      'workflow parent',
      'workflow root',
      'session p:s',
      'principal_day p',
      'autonomous_day',
      'system_day',
      'system_month',
    ]);
  });

  it('are the principal’s day and the system’s day and month for every call', () => {
    const scopes = scopesOf({ attribution: { principalId: 'p' }, budget: { workflowIds: [] } });
    expect(scopes.map(({ kind }) => kind)).toEqual(['principal_day', 'system_day', 'system_month']);
  });

  it('hold a workflow once that is named twice', () => {
    const scopes = scopesOf({ attribution: { principalId: 'p' }, budget: { workflowIds: ['a', 'a'] } });
    expect(scopes.filter(({ kind }) => kind === 'workflow')).toHaveLength(1);
  });
});

describe('the scope of a session', () => {
  const principal = '019ab0c4-1111-7222-8333-444455556666';

  it('differs between principals', () => {
    expect(sessionScope('a', 'evening').key).not.toBe(sessionScope('b', 'evening').key);
  });

  it('fits its column however long the name is, and still differs by its last letter', () => {
    const [one, other] = [sessionScope(principal, `${'x'.repeat(99)}1`), sessionScope(principal, `${'x'.repeat(99)}2`)];
    expect(one.key.length).toBeLessThanOrEqual(100);
    expect(one.key).not.toBe(other.key);
    expect(sessionScope(principal, 'x'.repeat(63)).key).toBe(`${principal}:${'x'.repeat(63)}`);
  });
});

it.each([
  ['workflow', 'w', { key: 'w' }],
  ['session', 'p:2026-11-24', { key: 'p:2026-11-24' }],
  ['principal_day', 'p:2026-11-24', { key: 'p', period: '2026-11-24' }],
  ['system_day', '2026-11-24', { key: '', period: '2026-11-24' }],
  ['system_month', '2026-11', { key: '', period: '2026-11' }],
] as const)('the key of a row of %s, %s, is taken apart', (kind, rowKey, place) => {
  expect(placeOf(kind, rowKey)).toEqual(place);
});

it('a warning says how much is used, in numbers', () => {
  const scope = { kind: 'session', key: 'p:s', limitUsd: new Decimal('0.3'), usedUsd: new Decimal('0.25') } as const;
  expect(warningData(scope)).toEqual({
    scope: 'session',
    key: 'p:s',
    limit_usd: 0.3,
    used_usd: 0.25,
    used_percentage: 83.33,
  });
});

describe('a period', () => {
  let client: pg.Client;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const database = await createTestDatabase({ empty: true });
    drop = () => database.drop();
    client = new pg.Client(database.url);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await drop();
  });

  it.each([
    ['2026-11-24T23:59:59.999999Z', '2026-11-24', '2026-11'],
    ['2026-11-25T00:00:00Z', '2026-11-25', '2026-11'],
    ['2026-11-30T20:00:00-05:00', '2026-12-01', '2026-12'],
    ['2027-01-01T00:30:00+14:00', '2026-12-31', '2026-12'],
    ['2028-02-29T12:00:00Z', '2028-02-29', '2028-02'],
  ])('begins at midnight UTC, wherever the server and its session are: %s', async (time, day, month) => {
    for (const zone of ['UTC', 'Pacific/Kiritimati', 'America/Los_Angeles']) {
      await client.query(`SET TIME ZONE '${zone}'`);
      const { rows } = await client.query(
        `SELECT ${utcPeriod('$1::timestamptz', "'YYYY-MM-DD'")} AS day, ${utcPeriod('$1::timestamptz', "'YYYY-MM'")} AS month`,
        [time],
      );
      expect([zone, rows]).toEqual([zone, [{ day, month }]]);
    }
  });
});
