import { ValidateBy } from 'class-validator';

const DAY = /^(19[7-9]\d|[2-9]\d{3})-\d{2}-\d{2}$/;

function isDay(value: unknown): boolean {
  if (typeof value !== 'string' || !DAY.test(value)) return false;
  const atMs = Date.parse(value);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(value);
}

/** A day of the calendar as YYYY-MM-DD, from 1970 on. */
export const IsDay = (): PropertyDecorator =>
  ValidateBy({
    name: 'isDay',
    validator: {
      validate: isDay,
      defaultMessage: (argument) => `${argument?.property ?? 'value'} must be a day from 1970 on, such as 2026-12-31`,
    },
  });
