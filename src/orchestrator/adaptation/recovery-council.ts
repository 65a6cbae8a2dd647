import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/sql.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { PromptTemplates } from '../../llm/prompt-templates/prompt-templates.service.js';
import { Council } from '../agents/council/council.js';
import { COUNCIL_CORE } from '../agents/council/council.rules.js';
import type { PromptPair } from '../planning/prompts.js';
import { RunReader } from '../run/run-reader.js';
import { recoveryCouncil, recoveryStep } from '../run/step-names.js';
import { TreeWriter } from '../run/tree-writer.js';
import type { Failure } from '../run/unfinished.rules.js';
import type { WorkflowRun } from '../run/workflow-run.js';
import { ADAPTATION_PROMPTS } from './adaptation-prompts.js';
import { Adaptations } from './adaptations.js';
import { bindsAll, deservesCouncil, goesOnAfterFailure, isBoundByLimit } from './failure-tolerance.rules.js';

/** What a council may decide about a subtask that failed for good. */
const OPTIONS = [
  { id: 'retry_differently', text: 'Try the subtask again, in another way than before.' },
  { id: 'skip', text: 'Do without its result; the subtasks that need it go on without.' },
  { id: 'abort', text: 'Begin no more subtasks, and answer with what there is.' },
] as const;

/** Decides what becomes of a subtask that has failed for good: its agent, or the orchestrator that had taken it on. */
@Injectable()
export class RecoveryCouncil {
  constructor(
    private readonly durable: Durable,
    private readonly council: Council,
    private readonly tree: TreeWriter,
    private readonly adaptations: Adaptations,
    private readonly reader: RunReader,
    private readonly feed: EventFeed,
    private readonly templates: PromptTemplates,
  ) {
    templates.register(ADAPTATION_PROMPTS);
  }

  /** @returns whether it is to be tried again; else its thought has ended */
  async recover(run: WorkflowRun, thoughtId: string, failure: Failure, attempt: number): Promise<boolean> {
    const isHeld = await this.durable.commit(recoveryStep(attempt), (tx) => this.begin(tx, run, thoughtId, failure));
    this.feed.announce(run.workflowId);
    if (!isHeld) return false;
    const decided = await this.council.decide(run, {
      name: recoveryCouncil(thoughtId, attempt),
      members: COUNCIL_CORE,
      agenda: () => this.agenda(thoughtId, failure),
      options: OPTIONS,
      requiresConsensus: false,
    });
    const decision = decided.ok ? decided.consensus.winner : 'none';
    await this.durable.commit(`${recoveryStep(attempt)}:decided`, (tx) =>
      this.apply(tx, run, thoughtId, failure, decision),
    );
    this.feed.announce(run.workflowId);
    return decision === 'retry_differently';
  }

  /** The prompt of a subtask that is tried again. */
  withFailure(prompt: PromptPair, { message }: Failure): PromptPair {
    const { text, ref } = this.templates.render('subtask.again', { failure: message });
    return { ...prompt, prompt: `${prompt.prompt}${text}`, otherTemplates: [...prompt.otherTemplates, ref] };
  }

  /** @returns whether a council is held; else the thought ends here */
  private async begin(tx: Transaction, run: WorkflowRun, thoughtId: string, failure: Failure): Promise<boolean> {
    const { workflowId } = run;
    const { failureTolerance: tolerance } = run.settings;
    if (!isBoundByLimit(failure.code) && (await this.claimCouncil(tx, run, thoughtId))) return true;
    const endsAll = !bindsAll(failure.code) && !goesOnAfterFailure(tolerance);
    const reason = 'A subtask failed, and failure_tolerance is low.';
    const early = endsAll ? await this.adaptations.endEarly(tx, workflowId, 'failure_not_tolerated', reason) : [];
    await this.tree.closeThought(tx, run, thoughtId, failed(failure), early);
    return false;
  }

  private async claimCouncil(tx: Transaction, run: WorkflowRun, thoughtId: string): Promise<boolean> {
    const [row] = await tx.query<{ held: number; is_critical: boolean }>(
      `SELECT recovery_councils AS held, NOT pace ? 'endsEarly' AND EXISTS (
                SELECT FROM thought_trees needing
                 WHERE needing.parent_id = $2 AND needing.status = 'pending' AND needing.metadata->'dependencies' ? $3::uuid::text
              ) AS is_critical
         FROM workflows WHERE id = $1 FOR NO KEY UPDATE`,
      [run.workflowId, run.thoughtId, thoughtId],
    );
    if (row === undefined) throw new Error(`Workflow ${run.workflowId} has no row.`);
    if (!deservesCouncil(run.settings.failureTolerance, row.is_critical, row.held)) return false;
    await tx.query('UPDATE workflows SET recovery_councils = recovery_councils + 1 WHERE id = $1', [run.workflowId]);
    return true;
  }

  private async apply(
    tx: Transaction,
    run: WorkflowRun,
    thoughtId: string,
    failure: Failure,
    decision: string,
  ): Promise<void> {
    await tx.query(
      `UPDATE thought_trees SET updated_at = now(), metadata = metadata || jsonb_build_object('recovery', $2::text) WHERE id = $1`,
      [thoughtId, decision],
    );
    if (decision === 'retry_differently') return;
    if (decision === 'skip') {
      const reason = `A council decided to do without it. It had failed: ${failure.message}`;
      const end = { status: 'cancelled', reason, code: 'DISPENSABLE', isDispensable: true } as const;
      await this.tree.closeThought(tx, run, thoughtId, end);
      return;
    }
    const endsAll = decision === 'abort' || !goesOnAfterFailure(run.settings.failureTolerance);
    const reason = 'A council decided to begin no more subtasks after one had failed.';
    const early = endsAll ? await this.adaptations.endEarly(tx, run.workflowId, 'recovery_abort', reason) : [];
    await this.tree.closeThought(tx, run, thoughtId, failed(failure), early);
  }

  private async agenda(thoughtId: string, { message }: Failure): Promise<string> {
    const { subtask } = await this.reader.subtask(thoughtId);
    const { title, instructions } = subtask;
    return this.templates.render('recovery.agenda', { title, instructions, failure: message }).text;
  }
}

const failed = ({ code, message }: Failure): { status: 'failed'; reason: string; code: string } => ({
  status: 'failed',
  reason: message,
  code,
});
