import { ValidateBy } from 'class-validator';
import { isMoment } from './moment.rules.js';

/** A moment as RFC 3339 writes it, with its offset, that exists in the calendar. */
export const IsTimestamp = (): PropertyDecorator =>
  ValidateBy({
    name: 'isTimestamp',
    validator: {
      validate: (value) => typeof value === 'string' && isMoment(value),
      defaultMessage: (argument) => `${argument?.property ?? 'value'} must be a time such as 2026-12-31T23:59:59Z`,
    },
  });
