/**
 * JSON may have members named `constructor`, which class-transformer takes for the class of the object. While it works they
 * carry another name; no input can have that one, because NUL is refused at the door.
 */
const STAND_IN = '\0constructor';

export const hideConstructorKeys = (value: unknown): unknown => renamed(value, 'constructor', STAND_IN);

export const restoreConstructorKeys = (value: unknown): unknown => renamed(value, STAND_IN, 'constructor');

/** `value` itself when there is nothing to rename. */
function renamed(value: unknown, from: string, to: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => renamed(item, from, to));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const before = Object.entries(value);
  const after = before.map(([name, member]) => [name === from ? to : name, renamed(member, from, to)] as const);
  const isSame = after.every(([name, member], index) => name === before[index]?.[0] && member === before[index][1]);
  return isSame ? value : Object.fromEntries(after);
}
