/**
 * Of a list's conditions those that are asked for, to stand behind others: with `$1 IS NULL OR …` a plan would have to fit all that may
 * be asked for, and so no index.
 * @param values of the statement: those that are given are added to them
 * @param conditions each with its value, which is `?` in it
 */
export const conditionsOf = (values: unknown[], conditions: Readonly<Record<string, unknown>>): string =>
  Object.entries(conditions)
    .filter(([, value]) => value !== undefined)
    .map(([condition, value]) => ` AND ${condition.replaceAll('?', `$${values.push(value)}`)}`)
    .join('');
