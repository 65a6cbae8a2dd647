import { v5, v7 } from 'uuid';
/** Fixed for ever: rows of running workflows were derived from it. */
const NAMESPACE = '3f1d8c52-6c0b-5d0e-9d2e-5b6f3a1c7e90';
/** A new time-ordered id (UUIDv7). */
export const newId = () => v7();
/** The id a durable step gives a row: the same parts give the same id (UUIDv5), so a repeated step writes the same row. */
export const derivedId = (...parts) => v5(parts.join('/'), NAMESPACE);
//# sourceMappingURL=ids.js.map