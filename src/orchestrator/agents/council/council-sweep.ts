import { Injectable } from '@nestjs/common';
import { derivedId } from '../../../database/ids.js';
import { Durable } from '../../../durable/durable.service.js';
import { EventFeed } from '../../../events/event-feed.js';
import { Problem } from '../../../http/problem.js';
import { allEnded } from '../../../waiting/all-ended.js';
import type { AnswerForm } from '../../planning/answer-form.js';
import type { PromptPair } from '../../planning/prompts.js';
import { AgentCaller, isInVain, purposeOfTry, type InVain } from '../../run/agent-caller.js';
import { AnswerForms } from '../../run/answer-forms.js';
import { failedStep } from '../../run/step-names.js';
import { TreeWriter } from '../../run/tree-writer.js';
import type { AgentFailure, AgentTask, WorkflowRun } from '../../run/workflow-run.js';
import type { CouncilRole } from './council.rules.js';

/** Of each member at one question. */
const TRIES = 2;
/** Questions to each member: a view, an answer, a vote. */
const QUESTIONS = 3;

/** One question to all members of a council. */
export interface SweepQuestion<T, Kept> {
  /** Of the council, unique in the run. */
  readonly council: string;
  /** Names the step. */
  readonly purpose: string;
  readonly form: AnswerForm;
  /** Runs inside the step, so it may read rows. */
  readonly prompt: (role: CouncilRole, mistakes: readonly string[]) => Promise<PromptPair>;
  /** What of the answer the council goes on with: JSON, kept in a checkpoint. */
  readonly keep: (answer: T) => Kept;
}

export interface Spoken<Kept> {
  readonly role: CouncilRole;
  readonly interactionId: string;
  readonly kept: Kept;
}

interface Swept<Kept> {
  readonly spoken: readonly Spoken<Kept>[];
  /** Of the members that drop out with it. */
  readonly failures: readonly AgentFailure[];
}

type Reply<Kept> = Spoken<Kept> | { readonly mistakes: readonly string[] } | InVain | Problem;

/**
 * Asks the members of a council at once. Each call is one step, and all of a sweep are begun before any is awaited. Who is asked again is
 * asked in another sweep: steps that begin when one member or the other is done would begin in another order after a crash.
 */
@Injectable()
export class CouncilSweep {
  constructor(
    private readonly caller: AgentCaller,
    private readonly forms: AnswerForms,
    private readonly durable: Durable,
    private readonly tree: TreeWriter,
    private readonly feed: EventFeed,
  ) {}

  async ask<T, Kept>(
    run: WorkflowRun,
    roles: readonly CouncilRole[],
    question: SweepQuestion<T, Kept>,
  ): Promise<Swept<Kept>> {
    const replies = new Map<CouncilRole, Reply<Kept>>();
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const open = roles.filter((role) => isOpen(replies.get(role)));
      for (const batch of batchesOf(open, run.maxConcurrentAgents)) {
        const asking = batch.map(
          async (role) =>
            [role, await this.askOne(run, role, roles.length, question, attempt, replies.get(role))] as const,
        );
        for (const [role, reply] of await allEnded(asking)) replies.set(role, reply);
      }
    }
    const failures: AgentFailure[] = [];
    for (const [role, reply] of replies) {
      const failure = failureOf(question.form, reply);
      if (failure !== undefined) failures.push(await this.dropOut(run, memberOf(run, question, role), failure));
    }
    const spoken = roles.flatMap((role) => {
      const reply = replies.get(role);
      return reply !== undefined && 'kept' in reply ? [reply] : [];
    });
    return { spoken, failures };
  }

  private async askOne<T, Kept>(
    run: WorkflowRun,
    role: CouncilRole,
    members: number,
    question: SweepQuestion<T, Kept>,
    attempt: number,
    before: Reply<Kept> | undefined,
  ): Promise<Reply<Kept>> {
    const { form, keep } = question;
    const member = memberOf(run, question, role);
    const mistakes = before !== undefined && 'mistakes' in before ? before.mistakes : [];
    const failedTries = isInVain(before) ? [before.inVain] : [];
    const purposeAgain = isInVain(before)
      ? purposeOfTry(member.purpose, attempt)
      : `${member.purpose}:repair-${attempt - 1}`;
    const reply = await this.caller.askOnce<Reply<Kept>>(
      run,
      {
        ...member,
        purpose: attempt === 1 ? member.purpose : purposeAgain,
        failedTries,
        prompt: () => question.prompt(role, mistakes),
        alike: { calls: members * QUESTIONS, atOnce: Math.min(members, run.maxConcurrentAgents) },
        prepare: (tx) => this.tree.resumeAgent(tx, member),
      },
      { before: failedTries, mayFollow: () => attempt < TRIES },
      {
        output: { name: form.name, schema: form.schema },
        commit: (tx, answer) => this.tree.awaitTools(tx, run, member, answer),
        result: (answer) => {
          const found = this.forms.mistakesOf(form, answer);
          return found.length === 0
            ? { role, interactionId: answer.interactionId, kept: keep(answer.json as T) }
            : { mistakes: found };
        },
      },
    );
    if (!(reply instanceof Problem) && 'unmet' in reply) throw new Error('A member of a council depends on nothing.');
    return reply;
  }

  private async dropOut(
    run: WorkflowRun,
    member: AgentTask,
    failure: { code: string; message: string },
  ): Promise<AgentFailure> {
    await this.durable.commit(failedStep(member.purpose), (tx) => this.tree.failAgent(tx, run, member, { failure }));
    this.feed.announce(run.workflowId);
    return { ok: false, ...failure };
  }
}

/** Whether who gave it, or has not been asked, is to be asked. */
const isOpen = <Kept>(reply: Reply<Kept> | undefined): boolean =>
  reply === undefined || (!(reply instanceof Problem) && !('kept' in reply));

export const memberId = (run: WorkflowRun, council: string, role: CouncilRole): string =>
  derivedId(run.thoughtId, 'council', council, role);

const memberOf = (
  run: WorkflowRun,
  { council, purpose }: { readonly council: string; readonly purpose: string },
  role: CouncilRole,
): AgentTask => ({
  agentId: memberId(run, council, role),
  thoughtId: run.thoughtId,
  agentType: 'council',
  agentClass: role,
  purpose: `${purpose}:${role}`,
});

function failureOf<Kept>(form: AnswerForm, reply: Reply<Kept>): { code: string; message: string } | undefined {
  if (reply instanceof Problem) return { code: reply.code, message: reply.detail };
  if (isInVain(reply)) return reply.inVain;
  if (!('mistakes' in reply)) return undefined;
  return {
    code: form.unusableCode,
    message: `no usable ${form.name} in ${TRIES} attempts: ${reply.mistakes.join('; ')}`,
  };
}

const batchesOf = <T>(items: readonly T[], size: number): T[][] =>
  items.flatMap((_, index) => (index % size === 0 ? [items.slice(index, index + size)] : []));
