/** From the least to the most allowed; each includes the ones before it. */
export const ROLES = ['viewer', 'operator', 'admin'];
/** Whether someone in `role` may do what `required` allows. */
export const includesRole = (role, required) => ROLES.indexOf(role) >= ROLES.indexOf(required);
//# sourceMappingURL=roles.js.map