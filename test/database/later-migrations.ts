import { migrations } from '../../migrations/index.js';

/** No release had any of those up to here, so that they met no rows and no older replica. */
const BASELINE = 'ExecutorRoles1796100900000';

const timeOf = (name: string): number => Number(name.slice(-13));

export const laterMigrations = migrations.filter(({ name }) => timeOf(name) > timeOf(BASELINE));
