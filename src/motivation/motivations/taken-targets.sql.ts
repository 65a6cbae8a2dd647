/**
 * SQL: whether a target of a motivation may be taken, as a condition to put into its query.
 * @param type of the motivation, a literal in code
 * @param target an SQL expression of the target, such as `'workflow:' || w.id`
 */
export const notTaken = (type: string, target: string): string =>
  `NOT EXISTS (SELECT FROM motivational_targets taken WHERE taken.motivation_type = '${type}' AND taken.target = ${target}
                  AND taken.taken_until > now())`;
