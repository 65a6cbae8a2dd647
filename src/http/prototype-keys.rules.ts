/**
 * JSON may have members that are called like those every object has: class-transformer takes `constructor` for the class of the
 * object, class-validator the others for declared ones. While these work they carry another name; no input can have that one,
 * because NUL is refused at the door.
 */
const MARK = '\0';

const hidden = (name: string): string => (Object.hasOwn(Object.prototype, name) ? `${MARK}${name}` : name);
const restored = (name: string): string => (name.startsWith(MARK) ? name.slice(MARK.length) : name);

export const hidePrototypeKeys = (value: unknown): unknown => renamed(value, hidden);

export const restorePrototypeKeys = (value: unknown): unknown => renamed(value, restored);

/** `value` itself when there is nothing to rename. */
function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => renamed(item, rename));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const before = Object.entries(value);
  const after = before.map(([name, member]) => [rename(name), renamed(member, rename)] as const);
  const isSame = after.every(([name, member], index) => name === before[index]?.[0] && member === before[index][1]);
  return isSame ? value : Object.fromEntries(after);
}
