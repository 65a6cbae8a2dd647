/**
 * What everybody takes as the answer of an interaction: its text without the line that reports confidence.
 * @param alias of llm_interactions in the statement
 */
export const contentOf = (alias: string): string =>
  `coalesce(left(${alias}.response_text, ${alias}.content_length), ${alias}.response_text)`;
