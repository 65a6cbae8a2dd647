import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { derivedId } from '../../database/ids.js';
import { Refiner } from '../agents/validator/refiner.js';
import { complaints, type Verdict } from '../agents/validator/verdict.rules.js';
import { reaches } from '../planning/execution-settings.rules.js';
import { Prompts } from '../planning/prompts.js';
import { QualityReader } from '../quality/quality-reader.js';
import { concluded, reviewLevel } from '../quality/quality.rules.js';
import { AgentLoop } from '../run/agent-loop.js';
import { RunReader } from '../run/run-reader.js';
import type { AgentOutcome, StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { bestRound, goesOn, type Round } from './refinement.rules.js';
import { RefinementRounds, thoughtOf } from './refinement-rounds.js';
import { Strategy } from './strategy.js';

interface JudgedRound extends Round {
  readonly verdict: Verdict;
}

@Injectable()
export class IterativeStrategy extends Strategy {
  readonly name = 'iterative_refinement';
  readonly description =
    'A task agent, a validator’s verdict, a better version; the best of at most three rounds is kept.';

  constructor(
    private readonly database: Database,
    private readonly agents: AgentLoop,
    private readonly refiner: Refiner,
    private readonly rounds: RefinementRounds,
    private readonly results: QualityReader,
    private readonly reader: RunReader,
    private readonly prompts: Prompts,
  ) {
    super();
  }

  /** A round that fails, or that nobody judges, ends the refinement; what was made before it is not lost. */
  async execute(run: WorkflowRun): Promise<StrategyOutcome> {
    const judged: JudgedRound[] = [];
    const withVerdicts = await this.rounds.begin(run);
    do {
      const number = judged.length + 1;
      if (number > 1 && !withVerdicts) await this.rounds.beginNext(run, number);
      const thoughtId = thoughtOf(run, number);
      const best = bestRound(judged);
      const answer =
        best === undefined ? await this.first(run, thoughtId) : await this.next(run, thoughtId, number, best);
      if (!answer.ok) {
        return best === undefined
          ? { contentFrom: answer.interactionId, failure: answer, warnings: [] }
          : kept(run, judged, [`Round ${number} failed: ${answer.message}`]);
      }
      const { interactionId } = answer;
      const asksForMore = (verdict: Verdict): boolean =>
        withVerdicts && goesOn([...judged, { interactionId, verdict }]);
      const verdict = await this.rounds.judge(run, number, interactionId, asksForMore);
      if ('ok' in verdict) {
        return kept(run, judged, [`Round ${number} was not judged: ${verdict.message}`], interactionId);
      }
      judged.push({ interactionId, verdict });
    } while (goesOn(judged));
    return kept(run, judged, []);
  }

  private async first(run: WorkflowRun, thoughtId: string): Promise<AgentOutcome> {
    const outcome = await this.agents.runToEnd(run, {
      agentId: derivedId(thoughtId, 'agent'),
      thoughtId,
      agentClass: 'structured_execution',
      purpose: 'round-1',
      prompt: async () => this.prompts.direct(await this.reader.brief(run.workflowId)),
    });
    if ('unmet' in outcome) throw new Error('The first round depends on nothing.');
    return outcome;
  }

  private next(run: WorkflowRun, thoughtId: string, number: number, best: JudgedRound): Promise<AgentOutcome> {
    return this.refiner.refine(run, {
      agentId: derivedId(thoughtId, 'agent'),
      thoughtId,
      purpose: `round-${number}`,
      draft: () => this.results.result(this.database, run, best.interactionId),
      findings: complaints(best.verdict),
    });
  }
}

/**
 * The best round, with its verdict, unless a validator judges the result once more.
 * @param unjudged an answer without a verdict, for where there is no other
 */
function kept(
  run: WorkflowRun,
  judged: readonly JudgedRound[],
  warnings: readonly string[],
  unjudged?: string,
): StrategyOutcome {
  const best = bestRound(judged);
  const outcome = { contentFrom: best?.interactionId ?? unjudged, failure: undefined, warnings };
  if (best === undefined || reaches(reviewLevel(run), 'standard')) return outcome;
  return concluded(outcome, { verdict: best.verdict, isRefused: false }, 'standard', best !== judged[0]);
}
