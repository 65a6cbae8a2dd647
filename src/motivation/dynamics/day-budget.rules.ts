import { Decimal } from 'decimal.js';

/** A task with less would be cut off before anything came of it. */
const LEAST_USEFUL_USD = new Decimal('0.02');
/** Of the day; or idle exploration at night would leave nothing for what fails by day. */
const EXPLORATORY_SHARE = new Decimal('0.5');
/** What amounts are stored with. */
const DECIMALS = 10;

/** The money of all autonomous work of a UTC day. */
export interface DayBudget {
  readonly limitUsd: Decimal;
  /** Neither used nor promised: what tasks that have not ended may still spend is taken off. 0 or more. */
  readonly leftUsd: Decimal;
}

/** Why a motivation of the category cannot be paid, with the numbers; undefined: it can. */
export function unpaid(category: string, day: DayBudget | undefined): string | undefined {
  if (day === undefined || openTo(category, day).gte(LEAST_USEFUL_USD)) return undefined;
  const kept = keptFrom(category, day);
  const others = kept.isZero() ? '' : `, ${usd(kept)} are kept from ${category} work`;
  return `Of the ${usd(day.limitUsd)} USD of autonomous work a day ${usd(day.leftUsd)} are neither used nor promised${others}, and a task needs ${usd(LEAST_USEFUL_USD)}.`;
}

/** The most that a task of the category may cost. @param taskUsd of any task; undefined, here or as the answer: no limit */
export function promiseUsd(
  category: string,
  day: DayBudget | undefined,
  taskUsd: Decimal | undefined,
): Decimal | undefined {
  const bounds = [day && openTo(category, day), taskUsd].filter((bound) => bound !== undefined);
  return bounds.length === 0 ? undefined : Decimal.min(...bounds).toDecimalPlaces(DECIMALS, Decimal.ROUND_DOWN);
}

export const lessPromise = ({ limitUsd, leftUsd }: DayBudget, promisedUsd: Decimal): DayBudget => ({
  limitUsd,
  leftUsd: Decimal.max(0, leftUsd.minus(promisedUsd)),
});

const keptFrom = (category: string, { limitUsd }: DayBudget): Decimal =>
  category === 'exploratory' ? limitUsd.times(new Decimal(1).minus(EXPLORATORY_SHARE)) : new Decimal(0);

const openTo = (category: string, day: DayBudget): Decimal =>
  Decimal.max(0, day.leftUsd.minus(keptFrom(category, day)));

/** So that what is under a limit also reads so. */
const usd = (amount: Decimal): string => amount.toDecimalPlaces(4, Decimal.ROUND_DOWN).toFixed();
