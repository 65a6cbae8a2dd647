import type pg from 'pg';
import type { Duty } from '../../config/app-config.js';
import { isSeen } from '../../durable/liveness.js';
import { note, wrong, type Finding } from './finding.js';

const LIVE = `SELECT roles FROM executors WHERE status = 'live' AND ${isSeen()}`;
const WAITING = `
  SELECT (SELECT count(*)::int FROM workflows WHERE status IN ('pending', 'in_progress')) AS workflows,
         EXISTS (SELECT FROM schedules WHERE NOT is_paused) OR EXISTS (SELECT FROM motivation_engine WHERE is_running) AS due`;

interface Waiting {
  readonly workflows: number;
  readonly due: boolean;
}

const WITHOUT: readonly { readonly duty: Duty; readonly finding: (waiting: Waiting) => Finding }[] = [
  { duty: 'api', finding: () => wrong('requests', 'No replica takes any: start one with NYX_ROLES=api.') },
  {
    duty: 'worker',
    finding: ({ workflows }) =>
      (workflows > 0 ? wrong : note)(
        'work',
        `${workflows} workflows wait and no replica works: start one with NYX_ROLES=worker.`,
      ),
  },
  {
    duty: 'engine',
    finding: ({ due }) =>
      (due ? wrong : note)(
        'engine',
        `No replica fires schedules and evaluates motivations${due ? ', and there are some' : ''}: start one with NYX_ROLES=engine.`,
      ),
  },
];

/** Replicas may take some duties only, and then it may be that none has one of them. Says nothing where none runs. */
export async function dutiesOf(client: pg.Client): Promise<Finding[]> {
  const { rows } = await client.query<{ roles: string }>(LIVE);
  if (rows.length === 0) return [];
  const taken = new Set(rows.flatMap(({ roles }) => roles.split(',')));
  const { rows: waiting } = await client.query<Waiting>(WAITING);
  const left = waiting[0] ?? { workflows: 0, due: false };
  return WITHOUT.filter(({ duty }) => !taken.has(duty)).map(({ finding }) => finding(left));
}
