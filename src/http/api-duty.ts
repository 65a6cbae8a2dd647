import type { RequestHandler } from 'express';
import type { AppConfig } from '../config/app-config.js';
import { Problem } from './problem.js';

/** What orchestrators and monitors ask of every process. */
const OF_EVERY_PROCESS = new Set(['/', '/health', '/livez', '/readyz', '/metrics']);

/** A process without the duty `api` answers probes only; a proxy has only those with it behind it. */
export const unlessNoApi =
  ({ duties }: AppConfig): RequestHandler =>
  (request, _response, next) => {
    if (duties.includes('api') || OF_EVERY_PROCESS.has(request.path)) next();
    else next(new Problem('OVERLOADED', 'This process takes no requests (NYX_ROLES): ask one whose duty is api.'));
  };
