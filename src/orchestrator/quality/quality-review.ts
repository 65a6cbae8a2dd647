import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { derivedId } from '../../database/ids.js';
import type { Sql } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import { Durable } from '../../durable/durable.service.js';
import { Refiner } from '../agents/validator/refiner.js';
import { Validator } from '../agents/validator/validator.js';
import { complaints, isBlocking, verdictOfRules } from '../agents/validator/verdict.rules.js';
import { reaches } from '../planning/execution-settings.rules.js';
import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { QualityReader } from './quality-reader.js';
import { concluded, isBetter, reviewLevel, type Judgement } from './quality.rules.js';
import { SelfValidation } from './self-validation.js';

/** The review of what a strategy made, before the workflow ends: by itself, by rules, by a validator. */
@Injectable()
export class QualityReview {
  constructor(
    private readonly database: Database,
    private readonly durable: Durable,
    private readonly results: QualityReader,
    private readonly selfValidation: SelfValidation,
    private readonly validator: Validator,
    private readonly refiner: Refiner,
  ) {}

  /** The outcome with its verdict; the same where nothing is asked, at no cost. */
  async review(run: WorkflowRun, made: StrategyOutcome): Promise<StrategyOutcome> {
    if (!run.isReviewed) return made;
    const isWhole = made.failure === undefined;
    const outcome = isWhole && run.settings.enableSelfValidation ? await this.selfValidation.accept(run, made) : made;
    const first = await this.judge(run, outcome, 'quality');
    const level = reviewLevel(run);
    const isRevised = isWhole && reaches(level, 'critical') && first.missing === undefined && !first.verdict.passed;
    return isRevised ? this.revised(run, outcome, first) : concluded(outcome, first, level, false);
  }

  /** Writes what the review found; without one what the rules find that always run. In the transaction that ends the workflow. */
  async record(tx: Sql, run: WorkflowRun, { quality, contentFrom }: StrategyOutcome): Promise<void> {
    const found = run.isReviewed ? [] : (await this.results.check(tx, run, contentFrom, undefined)).found;
    if (quality === undefined && found.length === 0) return;
    const { passed, score, findings, confidence } = verdictOfRules(found);
    const ofRules = { level: null, passed, score, findings, confidence, revised: false };
    const validation = {
      ...ofRules,
      ...quality?.validation,
      findings: [...findings, ...(quality?.validation.findings ?? [])],
    };
    await tx.query('UPDATE workflows SET validation = $2::jsonb, success_criteria = $3::jsonb WHERE id = $1', [
      run.workflowId,
      storableJson(validation),
      quality === undefined || quality.criteria === null ? null : storableJson(quality.criteria),
    ]);
  }

  /** The rules first; the validator is asked only where they have nothing against the result. */
  private async judge(run: WorkflowRun, { contentFrom, failure }: StrategyOutcome, name: string): Promise<Judgement> {
    const level = reviewLevel(run);
    const { found, isRefused, criteria } = await this.durable.commit(`${name}:rules`, (tx) =>
      this.results.check(tx, run, contentFrom, level),
    );
    const byRules = verdictOfRules(found);
    const isAsked = reaches(level, 'standard') || criteria.length > 0;
    if (failure !== undefined || found.some(isBlocking) || !isAsked) {
      return { verdict: { ...byRules, criteria: unjudged(criteria) }, isRefused };
    }
    const verdict = await this.validator.judge(run, {
      agentId: derivedId(run.thoughtId, name, 'validator'),
      purpose: `${name}:verdict`,
      output: () => this.results.result(this.database, run, contentFrom),
      level: level ?? 'standard',
      criteria,
      found,
    });
    return 'ok' in verdict
      ? { verdict: { ...byRules, criteria: unjudged(criteria) }, missing: verdict, isRefused }
      : { verdict, isRefused };
  }

  /** One more try, for the highest level; it is kept only when its verdict is better. */
  private async revised(run: WorkflowRun, outcome: StrategyOutcome, first: Judgement): Promise<StrategyOutcome> {
    const { thoughtId } = run;
    const revision = await this.refiner.refine(run, {
      agentId: derivedId(thoughtId, 'revision'),
      thoughtId,
      purpose: 'revision',
      draft: () => this.results.result(this.database, run, outcome.contentFrom),
      findings: complaints(first.verdict),
    });
    const level = reviewLevel(run);
    if (!revision.ok) return concluded(outcome, first, level, false);
    const mended = { ...outcome, contentFrom: revision.interactionId };
    const second = await this.judge(run, mended, 'quality:revision');
    return isBetter(second, first) ? concluded(mended, second, level, true) : concluded(outcome, first, level, false);
  }
}

const unjudged = (criteria: readonly string[]) =>
  criteria.map((criterion) => ({ criterion, met: false, reason: 'The result was not held against it.' }));
