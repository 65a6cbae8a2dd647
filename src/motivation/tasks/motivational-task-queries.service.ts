import { Injectable } from '@nestjs/common';
import type { Owner } from '../../auth/owner.js';
import { Database } from '../../database/database.service.js';
import { SharedReads } from '../../waiting/shared-reads.js';
import type { Plain } from '../../http/plain.js';
import { notFound } from '../../http/problem.js';
import { withoutNoise } from '../dynamics/without-noise.rules.js';
import { activeTasks, type ActiveTask } from './active-tasks.js';
import type {
  IntegrationStatusDto,
  MotivationalTaskDto,
  MotivationFeedbackDto,
  RecentTasksDto,
  TypeFeedbackDto,
} from './dto/motivational-task.dto.js';
import type { FeedbackQuery, RecentTasksQuery } from './dto/motivational-task-queries.dto.js';
import type { MotivationalTaskStatus, OutcomeCategory } from './motivational-task.values.js';
import { OutcomeListener, SWEEP_SECONDS, type Listening } from './outcome-listener.js';

interface TaskRow {
  readonly id: string;
  readonly type: string;
  readonly prompt: string;
  readonly status: MotivationalTaskStatus;
  readonly priority: number;
  readonly score: number;
  readonly target: string;
  readonly evidence: Readonly<Record<string, unknown>> | null;
  readonly spawnedAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly success: boolean | null;
  readonly outcomeScore: number | null;
  readonly outcomeCategory: OutcomeCategory | null;
  readonly satisfactionGain: number | null;
  readonly workflowId: string | null;
}

interface Tally {
  readonly type: string;
  readonly count: number;
  readonly successes: number;
  readonly scores: number;
  readonly gains: number;
}

const TASKS = `
  SELECT t.id, s.motivation_type AS type, t.generated_prompt AS prompt, t.status, t.task_priority AS priority,
         t.arbitration_score AS score, t.target, t.context->'evidence' AS evidence, t.spawned_at AS "spawnedAt", t.started_at AS "startedAt",
         t.completed_at AS "completedAt", t.success, t.outcome_score AS "outcomeScore", t.outcome_category AS "outcomeCategory",
         t.satisfaction_gain AS "satisfactionGain", t.thought_tree_id AS "workflowId"
    FROM motivational_tasks t JOIN motivational_states s ON s.id = t.motivational_state_id`;

const RECENT = `${TASKS} ORDER BY t.spawned_at DESC, t.id DESC LIMIT $1 OFFSET $2`;

/** A row for every motivation, also for those without tasks in the time. */
const TALLIES = `
  SELECT s.motivation_type AS type, coalesce(t.count, 0) AS count, coalesce(t.successes, 0) AS successes,
         coalesce(t.scores, 0) AS scores, coalesce(t.gains, 0) AS gains
    FROM motivational_states s
    LEFT JOIN (
      SELECT motivational_state_id AS id, count(*)::int AS count, count(*) FILTER (WHERE success)::int AS successes,
             sum(outcome_score) AS scores, sum(satisfaction_gain) AS gains
        FROM motivational_tasks
       WHERE completed_at > now() - make_interval(days => $1::int) AND outcome_score IS NOT NULL
       GROUP BY motivational_state_id) t ON t.id = s.id
   ORDER BY s.motivation_type`;

/** What people read of motivational tasks and their outcomes; each a single query. */
@Injectable()
export class MotivationalTaskQueries {
  private readonly recentTasks: SharedReads<TaskRow[]>;
  private readonly active: SharedReads<ActiveTask[]>;
  private readonly tallies: SharedReads<Tally[]>;
  private readonly listening: SharedReads<Listening>;

  constructor(
    private readonly database: Database,
    listener: OutcomeListener,
  ) {
    this.recentTasks = new SharedReads((page) => database.query<TaskRow>(RECENT, page.split(' ').map(Number)));
    this.active = new SharedReads(() => activeTasks(database));
    this.listening = new SharedReads(() => listener.listening());
    this.tallies = new SharedReads((days) => database.query<Tally>(TALLIES, [Number(days)]));
  }

  async recent({ limit, offset }: RecentTasksQuery, owner: Owner): Promise<Plain<RecentTasksDto>> {
    const rows = owner === undefined ? await this.recentTasks.read(`${limit} ${offset}`) : [];
    const timestamp = new Date().toISOString();
    return { recent_tasks: rows.map(presentTask), count: rows.length, limit, offset, timestamp };
  }

  /** Those of these ids that are still there, oldest first. */
  async byIds(ids: readonly string[]): Promise<Plain<MotivationalTaskDto>[]> {
    if (ids.length === 0) return [];
    const rows = await this.database.query<TaskRow>(
      `${TASKS} WHERE t.id = ANY($1::uuid[]) ORDER BY t.spawned_at, t.id`,
      [ids],
    );
    return rows.map(presentTask);
  }

  async integrationStatus(): Promise<Plain<IntegrationStatusDto>> {
    const [tasks, listening] = await Promise.all([this.active.read('all'), this.listening.read('all')]);
    const running = tasks.filter(({ isBegun, isEnded }) => isBegun && !isEnded);
    const minutes = running.map(({ runningMs }) => (runningMs ?? 0) / 60_000);
    return {
      integration_active: listening.isActive,
      polling_interval: SWEEP_SECONDS,
      active_motivated_workflows: tasks.length,
      motivation_breakdown: countsBy(tasks),
      average_running_time_minutes: withoutNoise(
        minutes.reduce((sum, each) => sum + each, 0) / Math.max(1, minutes.length),
      ),
      longest_running_minutes: withoutNoise(Math.max(0, ...minutes)),
      status: {
        waiting: tasks.filter(({ isBegun, isEnded }) => !isBegun && !isEnded).length,
        running: running.length,
        ended: tasks.filter(({ isEnded }) => isEnded).length,
        last_look_at: listening.lastLookAt?.toISOString() ?? null,
        error: listening.error ?? null,
      },
      timestamp: new Date().toISOString(),
    };
  }

  /** @throws Problem NOT_FOUND when no motivation has that name: an empty answer would say that it does nothing */
  async feedback({ days, motivation_type: type }: FeedbackQuery): Promise<Plain<MotivationFeedbackDto>> {
    const all = await this.tallies.read(String(days));
    const asked = all.filter((tally) => type === undefined || tally.type === type);
    if (type !== undefined && asked.length === 0) throw notFound(`Motivation ${type}`);
    const sum = asked.reduce<Tally>(added, { type: '', count: 0, successes: 0, scores: 0, gains: 0 });
    const { count, successes, ...rates } = presentTally(sum);
    return {
      period_days: days,
      total_tasks: count,
      successful_tasks: successes,
      ...rates,
      by_motivation_type: Object.fromEntries(
        asked.filter((tally) => tally.count > 0).map((tally) => [tally.type, presentTally(tally)]),
      ),
      motivation_filter: type ?? null,
    };
  }
}

const presentTask = (row: TaskRow): Plain<MotivationalTaskDto> => ({
  task_id: row.id,
  motivation_type: row.type,
  generated_prompt: row.prompt,
  status: row.status,
  task_priority: withoutNoise(row.priority),
  arbitration_score: withoutNoise(row.score),
  target: row.target,
  evidence: row.evidence,
  spawned_at: row.spawnedAt.toISOString(),
  started_at: row.startedAt?.toISOString() ?? null,
  completed_at: row.completedAt?.toISOString() ?? null,
  success: row.success,
  outcome_score: row.outcomeScore === null ? null : withoutNoise(row.outcomeScore),
  outcome_category: row.outcomeCategory,
  satisfaction_gain: row.satisfactionGain === null ? null : withoutNoise(row.satisfactionGain),
  workflow_id: row.workflowId,
});

function presentTally({ count, successes, scores, gains }: Tally): Plain<TypeFeedbackDto> {
  const mean = (sum: number): number => (count === 0 ? 0 : withoutNoise(sum / count));
  return {
    count,
    successes,
    success_rate: mean(successes),
    avg_outcome_score: mean(scores),
    avg_satisfaction_gain: mean(gains),
  };
}

const added = (sum: Tally, each: Tally): Tally => ({
  type: '',
  count: sum.count + each.count,
  successes: sum.successes + each.successes,
  scores: sum.scores + each.scores,
  gains: sum.gains + each.gains,
});

function countsBy(tasks: readonly ActiveTask[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of tasks) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}
