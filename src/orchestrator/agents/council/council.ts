import { Injectable } from '@nestjs/common';
import { cutTo } from '../../../database/cut.rules.js';
import { derivedId } from '../../../database/ids.js';
import { Durable } from '../../../durable/durable.service.js';
import { EventFeed } from '../../../events/event-feed.js';
import type { AnswerForm } from '../../planning/answer-form.js';
import type { SharedBrief } from '../../planning/prompts.js';
import { RunReader } from '../../run/run-reader.js';
import { councilEndStep, councilSteps } from '../../run/step-names.js';
import { StructuredAgent } from '../../run/structured-agent.js';
import type { AgentFailure, WorkflowRun } from '../../run/workflow-run.js';
import { REPLY_FORM, VIEW_FORM, voteForm, type DecisionAnswer, type VoteAnswer } from './council-forms.js';
import { CouncilPrompts, type Option } from './council-prompts.js';
import { CouncilRecord } from './council-record.js';
import { CouncilSweep, type Spoken } from './council-sweep.js';
import { consensusOf, type Consensus, type CouncilRole } from './council.rules.js';

/** Fewer than this are no council any more. */
const LEAST_MEMBERS = 2;
const MAX_REASON = 300;

export interface CouncilQuestion<T extends DecisionAnswer, Kept> {
  /** Unique in the run; names the steps, and the result in the thought's metadata. */
  readonly name: string;
  readonly members: readonly CouncilRole[];
  /** What is decided on, the same at every call. Runs inside steps, so it may read rows. */
  readonly agenda: () => Promise<string>;
  /** What is voted on. Undefined: what the members themselves recommend, each named by its role. */
  readonly options?: readonly Option[];
  /** Without two thirds for one option: another round, then a failure. Else the option with most votes is taken. */
  readonly requiresConsensus: boolean;
  /** The decision in writing, which may hold more than the vote. Undefined: the vote is all. */
  readonly decision?: {
    readonly form: AnswerForm;
    /** What else it has to hold, as sentences. */
    readonly how?: string;
    readonly agentClass: string;
    readonly mistakes?: (answer: T) => readonly string[];
    readonly keep: (answer: T) => Kept;
  };
}

export interface CouncilDecision<Kept> {
  readonly ok: true;
  readonly consensus: Consensus;
  readonly rounds: number;
  /** Undefined where the vote is all. */
  readonly decision?: { readonly kept: Kept; readonly interactionId: string };
}

interface CastVote {
  readonly vote: string;
  readonly confidence: number;
  readonly reason: string;
}

interface Round {
  readonly ok: true;
  readonly replies: readonly Spoken<null>[];
  readonly votes: readonly Spoken<CastVote>[];
  readonly consensus: Consensus;
}

/** Several roles decide together: each gives a view, each answers the others, all vote; then the decision is written down. */
@Injectable()
export class Council {
  constructor(
    private readonly sweep: CouncilSweep,
    private readonly agents: StructuredAgent,
    private readonly durable: Durable,
    private readonly reader: RunReader,
    private readonly record: CouncilRecord,
    private readonly prompts: CouncilPrompts,
    private readonly feed: EventFeed,
  ) {}

  async decide<T extends DecisionAnswer, Kept>(
    run: WorkflowRun,
    question: CouncilQuestion<T, Kept>,
  ): Promise<CouncilDecision<Kept> | AgentFailure> {
    const shared = async (): Promise<SharedBrief> =>
      this.prompts.agenda(await this.reader.brief(run.workflowId), await question.agenda());
    const purpose = councilSteps(question.name);
    const views = await this.sweep.ask(run, question.members, {
      council: question.name,
      purpose: `${purpose}:view`,
      form: VIEW_FORM,
      prompt: async (role, mistakes) => this.prompts.view(await shared(), role, mistakes),
      keep: () => null,
    });
    const first = await this.round(run, question, shared, views.spoken, views.failures, 1);
    const isAgain = first.ok && question.requiresConsensus && !first.consensus.reached;
    const last = isAgain ? await this.round(run, question, shared, [...first.replies, ...first.votes], [], 2) : first;
    const rounds = isAgain ? 2 : 1;
    const held = last.ok ? last : first;
    const outcome = last.ok ? await this.outcome(run, question, shared, last, rounds) : last;
    await this.durable.commit(councilEndStep(question.name), async (tx) => {
      await this.record.end(tx, run, {
        council: question.name,
        rounds,
        members: question.members,
        consensus: held.ok ? held.consensus : undefined,
        replies: held.ok ? held.replies : views.spoken,
        decisionId: outcome.ok ? outcome.decision?.interactionId : undefined,
      });
      // By it a retry knows whether to ask again.
      return { ok: outcome.ok };
    });
    this.feed.announce(run.workflowId);
    return outcome;
  }

  /** The answers to what was said before, and the vote. */
  private async round<T extends DecisionAnswer, Kept>(
    run: WorkflowRun,
    question: CouncilQuestion<T, Kept>,
    shared: () => Promise<SharedBrief>,
    said: readonly Spoken<unknown>[],
    failures: readonly AgentFailure[],
    round: number,
  ): Promise<Round | AgentFailure> {
    const council = question.name;
    const purpose = `${councilSteps(council)}:${round}`;
    const heard = [...new Set(said.map(({ role }) => role))];
    if (heard.length < LEAST_MEMBERS) return tooFew(failures);
    const replies = await this.sweep.ask(run, heard, {
      council,
      purpose: `${purpose}:reply`,
      form: REPLY_FORM,
      prompt: async (role, mistakes) =>
        this.prompts.reply(await shared(), role, await this.record.statements(said), mistakes),
      keep: () => null,
    });
    if (replies.spoken.length < LEAST_MEMBERS) return tooFew(replies.failures);
    const ids = question.options?.map(({ id }) => id) ?? replies.spoken.map(({ role }) => role);
    const votes = await this.sweep.ask<VoteAnswer, CastVote>(
      run,
      replies.spoken.map(({ role }) => role),
      {
        council,
        purpose: `${purpose}:vote`,
        form: voteForm(ids),
        prompt: async (role, mistakes) => {
          const options = question.options ?? (await this.record.proposals(replies.spoken));
          const statements = await this.record.statements(replies.spoken);
          return this.prompts.vote(await shared(), role, { said: statements, options }, mistakes);
        },
        keep: ({ vote, confidence, reason }) => ({ vote, confidence, reason: cutTo(reason, MAX_REASON) }),
      },
    );
    const cast = votes.spoken.map(({ role, kept }) => ({ role, ...kept }));
    const consensus = consensusOf(ids, cast);
    if (consensus === undefined || cast.length < LEAST_MEMBERS) return tooFew(votes.failures);
    return { ok: true, replies: replies.spoken, votes: votes.spoken, consensus };
  }

  private async outcome<T extends DecisionAnswer, Kept>(
    run: WorkflowRun,
    question: CouncilQuestion<T, Kept>,
    shared: () => Promise<SharedBrief>,
    { replies, votes, consensus }: Round,
    rounds: number,
  ): Promise<CouncilDecision<Kept> | AgentFailure> {
    if (question.requiresConsensus && !consensus.reached) {
      return { ok: false, code: 'COUNCIL_NO_CONSENSUS', message: disagreement(votes, rounds) };
    }
    const { decision } = question;
    if (decision === undefined) return { ok: true, consensus, rounds };
    const made = await this.agents.runToEnd<T, Kept>(run, {
      agentId: derivedId(run.thoughtId, 'council', question.name, 'decision'),
      thoughtId: run.thoughtId,
      agentType: 'council',
      agentClass: decision.agentClass,
      purpose: `${councilSteps(question.name)}:decision`,
      form: decision.form,
      prompt: async (mistakes) => {
        const options = question.options ?? (await this.record.proposals(replies));
        const asked = {
          said: await this.record.statements(replies),
          chosen: options.find(({ id }) => id === consensus.winner)?.text ?? consensus.winner,
          result: votesText(consensus),
          how: decision.how,
        };
        return this.prompts.decision(await shared(), asked, mistakes);
      },
      mistakes: decision.mistakes,
      keep: decision.keep,
    });
    return made.ok
      ? { ok: true, consensus, rounds, decision: { kept: made.kept, interactionId: made.interactionId } }
      : made;
  }
}

const tooFew = ([first]: readonly AgentFailure[]): AgentFailure =>
  first ?? { ok: false, code: 'COUNCIL_UNUSABLE', message: 'Too few members of the council gave an answer.' };

const votesText = ({ votes, winner, level }: Consensus): string => {
  const counts = Object.entries(votes).map(([option, count]) => `${count} for ${option}`);
  return `${counts.join(', ')}: ${winner} it is (${level})`;
};

const disagreement = (votes: readonly Spoken<CastVote>[], rounds: number): string => {
  const said = votes.map(({ role, kept }) => `the ${role} is for ${kept.vote} (${kept.reason})`);
  return `The council did not agree in ${rounds} rounds: ${said.join('; ')}.`;
};
