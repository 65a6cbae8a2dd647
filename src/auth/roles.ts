import type { Role } from '../config/app-config.js';

export type { Role };

/** From the least to the most allowed; each includes the ones before it. */
export const ROLES = ['viewer', 'operator', 'admin'] as const satisfies readonly Role[];

/** Whether someone in `role` may do what `required` allows. */
export const includesRole = (role: Role, required: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(required);
