import type { Sql } from '../../src/database/sql.js';
import { Database } from '../../src/database/database.service.js';
import type { DecisionDto, DecisionPage } from '../../src/motivation/engine/dto/decision.dto.js';
import type { EngineStatusDto } from '../../src/motivation/engine/dto/engine.dto.js';
import {
  Motivation,
  type Evidence,
  type MotivationCategory,
  type Proposal,
} from '../../src/motivation/motivations/motivation.js';
import { MotivationRegistry } from '../../src/motivation/motivations/motivation-registry.js';
import { MotivationSeed } from '../../src/motivation/states/motivation-seed.service.js';
import type { Problem } from '../../src/http/problem.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

export const ENGINE = '/api/v1/motivational/engine';
export const DECISIONS = '/api/v1/motivational/decisions';

/** A motivation of a test. It finds something from the start, and says what it is told to say. */
export class Wish extends Motivation {
  readonly description = 'Something that a test wishes for.';
  readonly category: MotivationCategory = 'quality';
  override readonly testCooldownSeconds: number = 3_600;
  readonly defaults = { urgency: 0.9, satisfaction: 0, decayRate: 0, boostFactor: 1, maxUrgency: 0.9 };
  looks = 0;

  constructor(
    readonly type: string,
    private readonly say: {
      readonly look?: (sql: Sql) => Promise<Evidence>;
      readonly boost?: () => number;
      readonly propose?: () => Proposal | undefined;
    } = {},
  ) {
    super();
  }

  async look(sql: Sql): Promise<Evidence> {
    this.looks += 1;
    return this.say.look ? await this.say.look(sql) : found(this.type);
  }

  boost(): number {
    return this.say.boost ? this.say.boost() : 0.1;
  }

  propose(): Proposal | undefined {
    return this.say.propose ? this.say.propose() : proposed(this.type);
  }
}

export const found = (id: string): Evidence => ({ count: 1, summary: `${id} waits`, rows: [{ kind: 'wish', id }] });

export const proposed = (name: string, text = `Look after ${name}.`): Proposal => ({
  target: `wish:${name}`,
  prompt: text,
  request: { input_type: 'user_prompt', content: { prompt: text } },
});

/** The application with an engine that a test starts and stops. */
export class EngineFixture {
  private constructor(
    readonly nyx: TestApp,
    readonly model: ModelServer,
  ) {}

  /** @param databaseUrl of another's, to begin where it ended */
  static async start(databaseUrl?: string): Promise<EngineFixture> {
    const model = await startModelServer();
    const database = databaseUrl === undefined ? {} : { database: { url: databaseUrl } };
    const nyx = await startApp({ llm: { apiKey: 'a-key-of-the-test', baseUrl: model.url }, ...database });
    return new EngineFixture(nyx, model);
  }

  get database(): Database {
    return this.nyx.app.get(Database);
  }

  /** Beside those of NYX, from the next evaluation on. */
  async add(...motivations: Motivation[]): Promise<void> {
    this.nyx.app.get(MotivationRegistry).register(...motivations);
    await this.nyx.app.get(MotivationSeed).onModuleInit();
  }

  /** Of tasks that were spawned, with the goals of their workflows. */
  async tasks(type: string): Promise<{ id: string; goal: string; target: string }[]> {
    return this.database.query(
      `SELECT t.id, w.goal, t.target FROM motivational_tasks t JOIN motivational_states s ON s.id = t.motivational_state_id
         JOIN workflows w ON w.id = t.id WHERE s.motivation_type = $1`,
      [type],
    );
  }

  async targets(type: string): Promise<string[]> {
    const rows = await this.database.query<{ target: string }>(
      'SELECT target FROM motivational_targets WHERE motivation_type = $1 AND taken_until > now()',
      [type],
    );
    return rows.map(({ target }) => target);
  }

  async post<T = EngineStatusDto>(path: string, body?: unknown, role: 'admin' | 'operator' = 'admin'): Promise<T> {
    const answer = await this.nyx.request(role, 'POST', `${ENGINE}${path}`, body);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async refused(
    role: 'admin' | 'operator' | 'viewer',
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; error_code: Problem['code']; errors?: { field: string }[] }> {
    const answer = await this.nyx.request(role, method, path, body);
    return (await answer.json()) as never;
  }

  async status(): Promise<EngineStatusDto> {
    return (await (await this.nyx.request('viewer', 'GET', `${ENGINE}/status`)).json()) as EngineStatusDto;
  }

  async decisions(query = ''): Promise<DecisionDto[]> {
    const answer = await this.nyx.request('viewer', 'GET', `${DECISIONS}?limit=200${query}`);
    if (answer.status !== 200) throw new Error(`decisions answered ${answer.status}: ${await answer.text()}`);
    return ((await answer.json()) as DecisionPage).items;
  }

  /** Starts the engine and waits for so many more evaluations, without waiting for their time. */
  async evaluate(config: object = {}, times = 1): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      const { evaluations, running } = await this.status();
      if (running) await this.hurry();
      else
        await this.post('/start', { evaluation_interval: 3_600, max_concurrent_tasks: 50, test_mode: true, ...config });
      await until('an evaluation', async () => (await this.status()).evaluations > evaluations);
    }
  }

  /** Makes the next evaluation due. */
  async hurry(): Promise<void> {
    await this.database.query(
      'UPDATE motivation_engine SET next_evaluation_at = now() WHERE is_running AND next_evaluation_at IS NOT NULL',
    );
    await this.database.query(`SELECT pg_notify('nyx_motivation_engine', 'test')`);
  }

  /** As before the first start, with no motivation active. */
  async forget(): Promise<void> {
    await this.database.query('UPDATE motivational_states SET is_active = false');
    await this.database.query('DELETE FROM motivation_engine');
    await this.database.query('DELETE FROM motivation_decisions');
  }

  async close(): Promise<void> {
    await this.nyx.close();
    await this.model.close();
  }
}

/** What a decision says of one motivation. */
export function saidOf(decision: DecisionDto | undefined, type: string): DecisionDto['considered'][number] {
  const said = decision?.considered.find(({ motivation_type }) => motivation_type === type);
  if (said === undefined) throw new Error(`No decision says anything of ${type}.`);
  return said;
}
