/** Fewer attempts say nothing about a motivation's success. */
const JUDGED_FROM_ATTEMPTS = 3;
const MIN_SUCCESS_FACTOR = 0.5;
const MAX_TIME_FACTOR = 1.5;
const TIME_FACTOR_HOURS = 48;
const HOUR_MS = 3_600_000;
const successFactor = ({ totalAttempts, successRate }) => totalAttempts < JUDGED_FROM_ATTEMPTS ? 1 : Math.max(MIN_SUCCESS_FACTOR, successRate);
const timeFactor = ({ lastTaskAt }, now) => {
    if (lastTaskAt === null)
        return 1;
    const hours = Math.max(0, now.getTime() - lastTaskAt.getTime()) / HOUR_MS;
    return Math.min(MAX_TIME_FACTOR, 1 + hours / TIME_FACTOR_HOURS);
};
/**
 * How much a motivation asks to be served now, 0..1: urgency × (1 − satisfaction) × s × t, where s = max(0.5, success rate)
 * from three attempts on and else 1, and t = min(1.5, 1 + hours since the last task / 48), 1 when there was none.
 */
export function arbitrationScore(input, now) {
    const score = input.urgency * (1 - input.satisfaction) * successFactor(input) * timeFactor(input, now);
    return Math.min(1, Math.max(0, score));
}
//# sourceMappingURL=arbitration.rules.js.map