import { PrincipalErasure } from '../../src/orchestrator/keeping/principal-erasure.service.js';
import { Retention } from '../../src/orchestrator/keeping/retention.js';
import { WorkflowErasure } from '../../src/orchestrator/keeping/workflow-erasure.service.js';
import { newId } from '../../src/database/ids.js';
import { until } from '../support/until.js';
import { OrchestratorFixture } from './orchestrator-fixture.js';

const { jest } = import.meta;

let fixture: OrchestratorFixture;
/** One that ended, of which copies are made. */
let model: string;
beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
  model = (await fixture.execute('To be copied.')).workflow_id;
  const set = await fixture.nyx.request('admin', 'PUT', '/api/v1/system/config/max_thought_tree_age_days', {
    config_value: 30,
  });
  expect(set.status).toBe(200);
});
afterAll(() => fixture.close());
afterEach(() => jest.restoreAllMocks());

const kept = async (ids: readonly string[]): Promise<number> =>
  (await fixture.database.query<{ n: number }>('SELECT count(*)::int AS n FROM workflows WHERE id = ANY($1)', [ids]))[0]
    ?.n ?? -1;

/** Rows of workflows, and no more, that are so old: those of a higher age come first. In the order in which they are erased. */
async function copies(count: number, ageDays: number, principalId = 'somebody'): Promise<string[]> {
  const ids = Array.from({ length: count }, newId).sort();
  await fixture.database.query(
    `INSERT INTO workflows SELECT (jsonb_populate_record(w, jsonb_build_object(
         'id', copy, 'principal_id', $4::text, 'created_at', now() - make_interval(days => $3), 'completed_at', now() - make_interval(days => $3)))).*
       FROM workflows w, unnest($2::uuid[]) AS copy WHERE w.id = $1`,
    [model, ids, ageDays, principalId],
  );
  return ids;
}

/** Each has a call that waits for its answer. */
const unsettle = (ids: readonly string[]): Promise<unknown> =>
  fixture.database.query(
    `INSERT INTO llm_interactions (id, workflow_id, purpose, provider, model, status, prompt_text, request_timestamp)
     SELECT gen_random_uuid(), id, 'test', 'anthropic', 'm', 'sent', 'what was asked', now() FROM unnest($1::uuid[]) AS id`,
    [ids],
  );
const settle = (ids: readonly string[]): Promise<unknown> =>
  fixture.database.query(`UPDATE llm_interactions SET status = 'failed' WHERE workflow_id = ANY($1)`, [ids]);

const events = (id: string, count: number): Promise<unknown> =>
  fixture.database.query('INSERT INTO event_streams (workflow_id, last_seq) VALUES ($1, $2)', [id, count]);

/** What is tried together from now on. */
function batches(): string[][] {
  const tried: string[][] = [];
  const erasure = fixture.nyx.app.get(WorkflowErasure);
  const eraseThese = erasure.eraseThese.bind(erasure);
  jest.spyOn(erasure, 'eraseThese').mockImplementation((ids, endsAt, before) => {
    tried.push([...ids]);
    return eraseThese(ids, endsAt, before);
  });
  return tried;
}

/** One that the database does not let go. @returns to be called in the end */
async function holdBack(id: string): Promise<() => Promise<unknown>> {
  for (const statement of [
    `CREATE FUNCTION hold_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'It stays.'; END $$`,
    `CREATE TRIGGER hold_back BEFORE DELETE ON workflows FOR EACH ROW WHEN (old.id = '${id}') EXECUTE FUNCTION hold_back()`,
  ])
    await fixture.database.query(statement);
  return () => fixture.database.query('DROP FUNCTION hold_back CASCADE');
}

describe('what is too old', () => {
  const eraseOld = (endsAt = Infinity): Promise<boolean> => fixture.nyx.app.get(Retention).eraseOld(endsAt);

  it('goes from behind many that cannot go yet, also when a sweep has time for one batch only', async () => {
    const unsettled = await copies(120, 42);
    await unsettle(unsettled);
    const [old = ''] = await copies(1, 41);
    await until('it is erased', async () => {
      await eraseOld(performance.now() + 1);
      return (await kept([old])) === 0;
    });
    expect(await kept(unsettled)).toBe(120);
    await settle(unsettled);
    await until('they are as well', async () => {
      await eraseOld();
      return (await kept(unsettled)) === 0;
    });
  });

  it('goes many in a transaction, and by itself what has many events', async () => {
    const [large = '', ...small] = await copies(41, 42);
    await events(large, 30_000);
    const tried = batches();
    await eraseOld();
    await eraseOld();
    expect(await kept([large, ...small])).toBe(0);
    expect(tried.filter((ids) => ids.includes(large))).toEqual([[large]]);
    expect(tried.filter((ids) => small.some((id) => ids.includes(id)))).toEqual([small]);
  });

  it('goes though one beside it cannot be erased at all', async () => {
    const [refused = '', ...others] = await copies(10, 42);
    const letGo = await holdBack(refused);
    await eraseOld();
    await eraseOld();
    expect(await kept(others)).toBe(0);
    expect(await kept([refused])).toBe(1);
    await letGo();
    await eraseOld();
    await eraseOld();
    expect(await kept([refused])).toBe(0);
  });
});

it('what fails together is tried one by one only while there is time', async () => {
  const [refused = '', ...others] = await copies(10, 42);
  const letGo = await holdBack(refused);
  const left = await fixture.nyx.app.get(WorkflowErasure).eraseThese([refused, ...others], 0, () => Promise.resolve());
  await letGo();
  expect(left).toBe(10);
  expect(await kept([refused, ...others])).toBe(10);
});

describe('what is of somebody', () => {
  const work = (): Promise<boolean> => fixture.nyx.app.get(PrincipalErasure).work();
  const isDone = async (principalId: string): Promise<boolean> =>
    (
      await fixture.database.query('SELECT 1 FROM erasures WHERE principal_id = $1 AND completed_at IS NOT NULL', [
        principalId,
      ])
    ).length > 0;
  const order = async (principalId: string): Promise<void> => {
    const answer = await fixture.nyx.request('admin', 'POST', `/api/v1/auth/users/${principalId}/erase`);
    expect(answer.status).toBe(202);
  };

  it('goes from behind what cannot go yet, and keeps nobody else waiting', async () => {
    const [first, second] = [newId(), newId()];
    const [large = ''] = await copies(1, 5, first);
    await events(large, 25_000);
    await unsettle([large]);
    const later = await copies(3, 4, first);
    const others = await copies(3, 3, second);
    await order(first);
    await order(second);
    await until('the other one is erased', async () => {
      await work();
      return isDone(second);
    });
    expect(await kept([...later, ...others])).toBe(0);
    expect(await kept([large])).toBe(1);
    expect(await isDone(first)).toBe(false);
    await settle([large]);
    await until('so is the first', async () => {
      await work();
      return isDone(first);
    });
    expect(await kept([large])).toBe(0);
    const [done] = await fixture.database.query<{ workflows: number }>(
      'SELECT workflows FROM erasures WHERE principal_id = $1',
      [first],
    );
    expect(done?.workflows).toBe(4);
  });

  it('goes though the order before it fails', async () => {
    const [first, second] = [newId(), newId()];
    const others = [...(await copies(1, 3, first)), ...(await copies(1, 2, second))];
    await fixture.database.query(
      `INSERT INTO memories (id, scope, memory_type, content, search, principal_id) VALUES (gen_random_uuid(), 'global', 'context', 'theirs', to_tsvector('theirs'), $1)`,
      [first],
    );
    await fixture.database.query(
      `CREATE FUNCTION keep_memory() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'It stays.'; END $$`,
    );
    await fixture.database.query(
      `CREATE TRIGGER keep_memory BEFORE DELETE ON memories FOR EACH ROW WHEN (old.principal_id = '${first}') EXECUTE FUNCTION keep_memory()`,
    );
    await order(first);
    await order(second);
    await until('the later one is done', async () => {
      await work();
      return isDone(second);
    });
    expect(await isDone(first)).toBe(false);
    await fixture.database.query('DROP FUNCTION keep_memory CASCADE');
    await until('so is the first', async () => {
      await work();
      return isDone(first);
    });
    expect(await kept(others)).toBe(0);
  });
});
