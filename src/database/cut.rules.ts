/**
 * The beginning of a text, of at most so many code units. A character that would be halved is left out: half a surrogate pair is taken
 * neither by jsonb nor by the API of a model.
 */
export const cutTo = (text: string, most: number): string =>
  text
    .slice(0, most)
    .replace(/[\uD800-\uDBFF]$/, '')
    .toWellFormed();
