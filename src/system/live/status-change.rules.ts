import type { Plain } from '../../http/plain.js';
import type { LiveStatusDto } from '../dto/live-status.dto.js';

type Status = Plain<LiveStatusDto>;

/** What clients are told of at once; the rest of it changes all the time. */
const told = ({ database, components, engine, active_workflows, error }: Status): string =>
  JSON.stringify([
    database.status,
    database.connection_pool,
    Object.entries(components).map(([name, { status }]) => [name, status]),
    engine?.status,
    active_workflows,
    error,
  ]);

export const hasChanged = (before: Status | undefined, now: Status): boolean =>
  before === undefined || told(before) !== told(now);
