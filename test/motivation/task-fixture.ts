import { Decimal } from 'decimal.js';
import type { Transaction } from '../../src/database/sql.js';
import { Database } from '../../src/database/database.service.js';
import { newId } from '../../src/database/ids.js';
import { factorsOf } from '../../src/motivation/dynamics/arbitration.rules.js';
import { DEFAULT_ENGINE_CONFIG, type EngineConfig } from '../../src/motivation/engine/engine-config.js';
import type { Evidence, Proposal } from '../../src/motivation/motivations/motivation.js';
import { MotivationRegistry } from '../../src/motivation/motivations/motivation-registry.js';
import { STATE_COLUMNS, type StateRow } from '../../src/motivation/states/state-rows.js';
import { Spawner, type SpawnOrder } from '../../src/motivation/tasks/spawner.js';
import { WorkflowAcceptance } from '../../src/orchestrator/workflows/workflow-acceptance.service.js';
import { until } from '../support/until.js';
import type { TestApp } from '../support/app.js';

export interface Wanted {
  readonly type?: string;
  readonly prompt?: string;
  readonly target?: string;
  readonly score?: number;
  readonly executionContext?: Record<string, unknown>;
  readonly config?: Partial<EngineConfig>;
  readonly maxCostUsd?: number;
}

export interface RecentTask {
  task_id: string;
  motivation_type: string;
  generated_prompt: string;
  status: string;
  target: string;
  evidence: Evidence | null;
  started_at: string | null;
  completed_at: string | null;
  success: boolean | null;
  outcome_score: number | null;
  outcome_category: string | null;
  satisfaction_gain: number | null;
  workflow_id: string | null;
}

const EVIDENCE: Evidence = {
  count: 1,
  summary: '1 tool failed at least 3 times in 1 h',
  rows: [{ kind: 'tool', id: 'http_request' }],
};

/** What the engine does with the one it chose, without an engine: the real spawner, in the application of the test. */
export class Tasks {
  constructor(private readonly nyx: TestApp) {}

  get database(): Database {
    return this.nyx.app.get(Database);
  }

  get spawner(): Spawner {
    return this.nyx.app.get(Spawner);
  }

  /** One that ended. @returns its id */
  async write(type: string, daysAgo: number, success: boolean, score: number, gain: number): Promise<string> {
    const id = newId();
    await this.database.query(
      `INSERT INTO motivational_tasks (id, motivational_state_id, generated_prompt, task_priority, arbitration_score, status, target,
                                       spawned_at, completed_at, success, outcome_score, satisfaction_gain, outcome_category)
       SELECT $1, id, 'p', 0.5, 0.5, CASE WHEN $4 THEN 'completed' ELSE 'failed' END, 't', now() - make_interval(hours => $3::int * 24),
              now() - make_interval(hours => $3::int * 24), $4, $5, $6, CASE WHEN $4 THEN 'success' ELSE 'failure' END
         FROM motivational_states WHERE motivation_type = $2`,
      [id, type, daysAgo, success, score, gain],
    );
    return id;
  }

  async order(wanted: Wanted = {}): Promise<SpawnOrder> {
    const { type = 'explore_recent_failure', score = 0.5, config, maxCostUsd } = wanted;
    const motivation = this.nyx.app.get(MotivationRegistry).find(type);
    if (motivation === undefined) throw new Error(`There is no motivation ${type}.`);
    const [state, now] = [await this.state(type), new Date()];
    return {
      state,
      motivation,
      proposal: proposalOf(wanted),
      evidence: EVIDENCE,
      considered: {
        type,
        category: motivation.category,
        before: state,
        after: state,
        boost: 0.1,
        factors: factorsOf(state, now),
        score,
        rejections: [],
        ...(maxCostUsd !== undefined && { maxCostUsd: new Decimal(maxCostUsd) }),
      },
      config: { ...DEFAULT_ENGINE_CONFIG, ...config },
      now,
    };
  }

  async spawn(wanted: Wanted = {}): Promise<string> {
    const order = await this.order(wanted);
    const id = await this.database.transaction((tx: Transaction) => this.spawner.spawn(tx, order));
    this.nyx.app.get(WorkflowAcceptance).begun(id);
    return id;
  }

  async state(type = 'explore_recent_failure'): Promise<StateRow> {
    const [row] = await this.database.query<StateRow>(
      `SELECT ${STATE_COLUMNS} FROM motivational_states WHERE motivation_type = $1`,
      [type],
    );
    if (row === undefined) throw new Error(`The motivation ${type} has no row.`);
    return row;
  }

  async get<T>(path: string): Promise<T> {
    const answer = await this.nyx.request('viewer', 'GET', `/api/v1/motivational${path}`);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async task(id: string): Promise<RecentTask> {
    const { recent_tasks: tasks } = await this.get<{ recent_tasks: RecentTask[] }>('/tasks/recent?limit=100');
    const task = tasks.find(({ task_id }) => task_id === id);
    if (task === undefined) throw new Error(`There is no task ${id}.`);
    return task;
  }

  async untilStatus(id: string, ...statuses: string[]): Promise<RecentTask> {
    let task = await this.task(id);
    await until(`task ${id} is ${statuses.join(' or ')}`, async () => {
      task = await this.task(id);
      return statuses.includes(task.status);
    });
    return task;
  }

  /** Its motivation heard of its end. */
  ended(id: string): Promise<RecentTask> {
    return this.untilStatus(id, 'completed', 'failed', 'cancelled');
  }

  /** As if nothing had ever happened. */
  async forget(): Promise<void> {
    await this.database.query('DELETE FROM motivational_targets');
    await this.database.query('DELETE FROM motivational_tasks');
    await this.database.query(
      `UPDATE motivational_states SET total_attempts = 0, success_count = 0, failure_count = 0, success_rate = 0, satisfaction = 0.4,
              urgency = 0.5, boost_factor = base_boost_factor, decay_rate = base_decay_rate, last_satisfied_at = NULL`,
    );
  }
}

export function proposalOf({
  prompt = 'Find out why http_request fails.',
  target,
  executionContext,
}: Wanted): Proposal {
  return {
    target: target ?? 'tool:http_request',
    prompt,
    request: {
      input_type: 'user_prompt',
      content: { prompt },
      ...(executionContext && { execution_context: executionContext }),
    },
  };
}
