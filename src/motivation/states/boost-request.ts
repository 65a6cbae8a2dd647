import { invalid } from '../../http/problem.js';
import { validationPipe } from '../../http/validation.js';
import { type BoostQuery, BoostState } from './dto/boost-state.dto.js';

/** Of one boost, as JSON. */
const MAX_METADATA_BYTES = 4_096;

export interface Boost {
  /** Over 0, at most 1. */
  readonly amount: number;
  readonly reason: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const pipe = validationPipe();

/** A boost in either of its forms. @throws Problem VALIDATION_ERROR */
export async function readBoost({ boost_amount: amount }: BoostQuery, body: object | undefined): Promise<Boost> {
  if (amount === undefined) {
    const whole = (await pipe.transform(body ?? {}, { type: 'body', metatype: BoostState })) as BoostState;
    return { amount: whole.boost_amount, reason: whole.reason ?? null, metadata: bounded(whole.metadata ?? {}) };
  }
  const metadata = { ...body };
  if (Object.hasOwn(metadata, 'boost_amount'))
    throw invalid('boost_amount', 'must be given once, in the query or in the body');
  return { amount, reason: null, metadata: bounded(metadata) };
}

function bounded(metadata: Record<string, unknown>): Record<string, unknown> {
  if (Buffer.byteLength(JSON.stringify(metadata)) <= MAX_METADATA_BYTES) return metadata;
  throw invalid('metadata', `must have at most ${MAX_METADATA_BYTES} bytes of JSON`);
}
