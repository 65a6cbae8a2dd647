import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/sql.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { EventLog } from '../../events/event-log.js';
import { PromptTemplates } from '../../llm/prompt-templates/prompt-templates.service.js';
import { Council } from '../agents/council/council.js';
import { COUNCIL_CORE } from '../agents/council/council.rules.js';
import { PACE_COUNCIL } from '../run/step-names.js';
import type { WorkflowRun } from '../run/workflow-run.js';
import { Adaptations } from './adaptations.js';

const OPTIONS = [
  { id: 'go_on', text: 'Go on with the plan.' },
  { id: 'end_early', text: 'Begin no more subtasks, and answer with what there is.' },
] as const;

interface PaceNow {
  readonly atOnce: number;
  /** Agents of the workflow, when so many failed that a council is to look at it. */
  readonly review: { readonly ended: number; readonly failed: number } | null;
}

/** How many agents an orchestrator may have at once, as its workflow adapts. */
@Injectable()
export class Pacing {
  constructor(
    private readonly durable: Durable,
    private readonly adaptations: Adaptations,
    private readonly council: Council,
    private readonly events: EventLog,
    private readonly feed: EventFeed,
    private readonly templates: PromptTemplates,
  ) {}

  /** For decisions about what starts next: the answer is a step's, so it is the same over replays. Holds the council that is due. */
  async atOnce(run: WorkflowRun, ended: number): Promise<number> {
    const { atOnce, review } = await this.durable.commit(`pace-${ended}`, (tx) => this.read(tx, run));
    if (review !== null) await this.review(run, review);
    return atOnce;
  }

  private async read(tx: Transaction, run: WorkflowRun): Promise<PaceNow> {
    const pace = await this.adaptations.pace(tx, run.workflowId);
    const atOnce = Math.min(pace.atOnce ?? run.maxConcurrentAgents, run.settings.maxConcurrentAgents);
    const isDue = run.depth === 0 && pace.applied.includes('high_failure_rate');
    const review = isDue ? await this.adaptations.claimReview(tx, run.workflowId) : undefined;
    return { atOnce: run.depth === 0 ? atOnce : Math.min(atOnce, run.maxConcurrentAgents), review: review ?? null };
  }

  private async review(run: WorkflowRun, { ended, failed }: NonNullable<PaceNow['review']>): Promise<void> {
    const decided = await this.council.decide(run, {
      name: PACE_COUNCIL,
      members: COUNCIL_CORE,
      agenda: () => Promise.resolve(this.templates.render('review.agenda', { ended, failed }).text),
      options: OPTIONS,
      requiresConsensus: false,
    });
    if (!decided.ok || decided.consensus.winner !== 'end_early') return;
    await this.durable.commit('review:ends-early', async (tx) => {
      const reason = `${failed} of ${ended} agents have failed, and a council decided to go no further.`;
      const events = await this.adaptations.endEarly(tx, run.workflowId, 'council_review', reason);
      this.events.append(tx, run.workflowId, events);
    });
    this.feed.announce(run.workflowId);
  }
}
