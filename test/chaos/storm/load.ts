import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../chaos-fixture.js';
import { STRATEGIES } from '../../../src/orchestrator/workflows/workflow.values.js';
import { SocketFollower } from '../../live/socket-follower.js';
import { StreamFollower } from '../../live/stream-follower.js';
import type { Follower } from '../../live/follower.js';
import type { Asked, StormClient } from './client.js';
import { ORPHAN_SECONDS } from './leaks.js';
import { API_KEY, type Sea } from './sea.js';

const WORKERS = 6;
const PAUSE_MS = 200;
const FOLLOWED_SHARE = 0.25;
const CUT_SHARE = 0.02;
const FILE_BYTES = 256 * 1024;
/** How often somebody looks what workflows ask people; of each kind of question this one in so many is answered with no. */
const LOOK_FOR_QUESTIONS_MS = 1_000;
const REJECTED_EACH = 3;

const MODEL_FAILED: ReadonlySet<string> = new Set(['LLM_UPSTREAM', 'LLM_UNAVAILABLE']);

const WORKFLOWS = '/api/v1/orchestrator/workflows';
const APPROVALS = '/api/v1/orchestrator/approvals';
const READS = [
  '/api/v1/system/stats',
  '/api/v1/system/replicas',
  '/api/v1/llm/stats',
  '/api/v1/llm/costs?by=model',
  '/api/v1/orchestrator/agents',
  '/api/v1/orchestrator/thought-trees',
  '/api/v1/orchestrator/learning',
  '/api/v1/orchestrator/schedules',
  '/api/v1/motivational/states',
  '/api/v1/motivational/decisions',
  '/api/v1/tools/executions',
  `${WORKFLOWS}?limit=20`,
  `${WORKFLOWS}/active`,
];

/** A program that would outlive its tool, its workflow and its replica, were it not for the sandbox. */
const LEAVES_A_PROGRAM = `(setsid sleep ${ORPHAN_SECONDS} </dev/null >/dev/null 2>&1 &); sleep 0.2; wc -c notes.md`;

/** What the model is scripted to do for some prompts. */
export const MODEL_RULES = [
  { match: {}, delayMs: 100 },
  {
    match: { prompt: 'Use tools', turn: 1 },
    toolUses: [
      { name: 'file_operations', input: { operation: 'write_file', path: 'notes.md', content: 'x'.repeat(10_000) } },
      { name: 'shell_command', input: { command: LEAVES_A_PROGRAM, shell: true } },
    ],
  },
  { match: { prompt: 'Use tools', turn: 2 }, answer: 'They were used.', delayMs: 300 },
];

/** Requests of many kinds at once, by people who wait for one answer before they ask the next. */
export class Load {
  /** Those that NYX said it accepted. */
  readonly accepted: string[] = [];
  /** Those that it was asked to cancel, whatever it said. */
  readonly cancelled = new Set<string>();
  /** Those that were asked for, and those that the model, which fails on purpose, brought all the same. */
  readonly generations = { asked: 0, answered: 0 };
  readonly followers: Follower[] = [];
  private readonly following: Promise<void>[] = [];
  private working: Promise<unknown> = Promise.resolve();
  private answering: Promise<unknown> = Promise.resolve();
  private isOver = false;
  private hasLeft = false;
  private count = 0;
  private executed = 0;

  constructor(
    private readonly sea: Sea,
    private readonly client: StormClient,
    private readonly seed: number,
  ) {}

  begin(): void {
    const workers = Array.from({ length: WORKERS }, (_, index) => this.work(randomFrom(this.seed + index)));
    this.working = Promise.all(workers);
    this.answering = this.answerQuestions();
  }

  /** Asks nothing more; those who follow go on, and who answers what workflows ask. */
  async end(): Promise<void> {
    this.isOver = true;
    await this.working;
  }

  async leave(): Promise<void> {
    this.hasLeft = true;
    for (const follower of this.followers) follower.stop();
    await Promise.all([...this.following, this.answering]);
  }

  /** Without this a workflow that asks would end with the deadline of its question, which is a day away. */
  private async answerQuestions(): Promise<void> {
    const asked = new Map<string, number>();
    while (!this.hasLeft) {
      const waiting = await this.client.ask(get(`${APPROVALS}?status=pending`));
      for (const { id, workflow_id: workflow, kind } of waiting?.body.items ?? []) {
        const number = (asked.get(kind) ?? 0) + 1;
        asked.set(kind, number);
        const decision = number % REJECTED_EACH === 0 ? 'reject' : 'approve';
        await this.client.ask({
          method: 'POST',
          path: `${WORKFLOWS}/${workflow}/approvals/${id}`,
          body: { decision },
          // It was answered by the try before, or its workflow was cancelled.
          expected: [200, 409],
        });
      }
      await sleep(LOOK_FOR_QUESTIONS_MS);
    }
  }

  private async work(random: () => number): Promise<void> {
    while (!this.isOver) {
      await this.askSomething(random);
      for (const follower of this.followers) if (!follower.hasEnd && random() < CUT_SHARE) follower.cut();
      await sleep(random() * 2 * PAUSE_MS);
    }
  }

  private async askSomething(random: () => number): Promise<void> {
    const some = <T>(choices: readonly T[]): T | undefined => choices[Math.floor(random() * choices.length)];
    const kind = random();
    const number = (this.count += 1);
    const known = some(this.accepted.slice(-200));
    if (kind < 0.12 || known === undefined) await this.execute(number, some(STRATEGIES) ?? '', random);
    else if (kind < 0.16) await this.generate(number);
    else if (kind < 0.2) await this.client.ask(this.upload(number));
    else if (kind < 0.25) await this.cancel(known);
    else if (kind < 0.7) await this.client.ask(get(`${WORKFLOWS}/${known}${some(['', '/status', '/tree']) ?? ''}`));
    else await this.client.ask(get(some(READS) ?? ''));
  }

  private async cancel(id: string): Promise<void> {
    this.cancelled.add(id);
    await this.client.ask(get(`${WORKFLOWS}/${id}/cancel`, [200, 202, 409], 'POST'));
  }

  /** Every fourth uses tools; of these every third asks before each, and so do some of the others for their result. */
  private async execute(number: number, strategy: string, random: () => number): Promise<void> {
    const nth = (this.executed += 1);
    const usesTools = nth % 4 === 0;
    const prompt = usesTools ? `Use tools for ${number}.` : `Piece ${number}. [[subtasks:2]] [[rounds:2]]`;
    const preferences = usesTools
      ? { strategy: 'direct_execution', tools: ['file_operations', 'shell_command'] }
      : { strategy };
    const answer = await this.client.ask({
      method: 'POST',
      path: `${WORKFLOWS}/execute`,
      key: `storm-${this.seed}-${number}`,
      body: {
        input_type: 'user_prompt',
        content: { prompt },
        execution_context: {
          execution_preferences: preferences,
          ...(nth % 6 === 0 && { quality_settings: { require_human_review: true } }),
        },
      },
      expected: [202],
    });
    const id = answer?.status === 202 ? answer.body.workflow_id : undefined;
    if (id === undefined) return;
    this.accepted.push(id);
    if (random() < FOLLOWED_SHARE) this.follow(id, random);
  }

  private follow(id: string, random: () => number): void {
    const Kind = random() < 0.5 ? SocketFollower : StreamFollower;
    const follower = new Kind(id, API_KEY, () => this.sea.urls, random);
    this.followers.push(follower);
    this.following.push(follower.start());
  }

  private async generate(number: number): Promise<void> {
    const answer = await this.client.ask({
      method: 'POST',
      path: '/api/v1/llm/generate',
      key: `storm-${this.seed}-${number}`,
      body: { user_prompt: `Say ${number}.`, max_tokens: 200 },
      expected: [200],
      asksModel: true,
      // The model server fails on purpose, and the caller is told.
      excuse: (code, fromMs) =>
        MODEL_FAILED.has(code) && this.sea.wasModelFailing(fromMs, performance.now()) ? 'the model failed' : undefined,
    });
    this.generations.asked += 1;
    if (answer?.status === 200) this.generations.answered += 1;
  }

  private upload(number: number): Asked {
    return {
      method: 'PUT',
      path: `/api/v1/tools/files/uploads/${number % 20}.bin`,
      body: Buffer.alloc(FILE_BYTES, number),
      expected: [200, 201],
      excuse: (code, fromMs) =>
        code === 'OVERLOADED' && this.sea.wasDiskFull(fromMs, performance.now()) ? 'the disk was full' : undefined,
    };
  }
}

const get = (path: string, expected: readonly number[] = [200], method = 'GET'): Asked => ({ method, path, expected });
