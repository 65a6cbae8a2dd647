import { cutTo } from '../../database/cut.rules.js';
import { storableText } from '../../database/storable.js';
import type { Plain } from '../../http/plain.js';
import type { Considered, MotivationState } from '../dynamics/dynamics.types.js';
import { withoutNoise } from '../dynamics/without-noise.rules.js';
import type { Evidence } from '../motivations/motivation.js';
import type { ConsideredDto, DecidedStateDto } from './dto/decision.dto.js';

const MAX_ROWS = 10;
const MAX_SUMMARY = 1_000;
const MAX_KEY = 300;

/** What became of one motivation in an evaluation. */
export interface Outcome {
  readonly considered: Considered;
  readonly evidence: Evidence | undefined;
  /** Of its task, when one was spawned. */
  readonly taskId: string | undefined;
}

/** As it is stored with the decision, and shown. The texts of the evidence are the task's; here are its keys. */
export const recordOf = ({ considered, evidence, taskId }: Outcome): Plain<ConsideredDto> => ({
  motivation_type: considered.type,
  category: considered.category,
  chosen: taskId !== undefined,
  task_id: taskId ?? null,
  score: withoutNoise(considered.score),
  factors: {
    urgency: withoutNoise(considered.factors.urgency),
    satisfaction: withoutNoise(considered.factors.satisfaction),
    success: withoutNoise(considered.factors.success),
    time: withoutNoise(considered.factors.time),
  },
  boost: withoutNoise(considered.boost),
  evidence: evidence === undefined ? null : keysOf(evidence),
  before: decided(considered.before),
  after: decided(considered.after),
  rejections: considered.rejections.map(({ reason, detail }) => ({ reason, detail: storableText(detail) })),
});

const keysOf = ({ count, summary, rows }: Evidence) => ({
  count,
  summary: storableText(cutTo(summary, MAX_SUMMARY)),
  rows: rows.slice(0, MAX_ROWS).map(({ kind, id }) => ({
    kind: storableText(cutTo(kind, MAX_KEY)),
    id: storableText(cutTo(id, MAX_KEY)),
  })),
});

const decided = (state: MotivationState): Plain<DecidedStateDto> => ({
  urgency: withoutNoise(state.urgency),
  satisfaction: withoutNoise(state.satisfaction),
  boost_factor: withoutNoise(state.boostFactor),
  decay_rate: withoutNoise(state.decayRate),
});
