import { type ArgumentsHost, Catch, Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ProblemFilter } from '../../http/problem.filter.js';
import { Problem } from '../../http/problem.js';
import { toProblem } from '../../http/problem-mapping.js';
import { RouteTable } from '../../http/route-table.js';
import { networkOf } from '../login-throttle.rules.js';
import { RateLimits } from './rate-limits.js';

/**
 * Counts, for their address, requests that are refused before they come to a route and its guard: bodies that are no JSON or too large,
 * addresses and methods that are not there. So a flood of them is turned away as any other.
 */
@Catch()
@Injectable()
export class CountedProblems extends ProblemFilter {
  private readonly limitLogger = new Logger(CountedProblems.name);

  constructor(
    routes: RouteTable,
    private readonly rates: RateLimits,
  ) {
    super(routes);
  }

  override catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const cameToARoute = request.route !== undefined;
    if (host.getType() !== 'http' || cameToARoute || toProblem(error).status >= 500) {
      super.catch(error, host);
      return;
    }
    this.counted(request, host)
      .then((refusal) => super.catch(refusal ?? error, host))
      .catch((failure: unknown) => {
        this.limitLogger.error(`A request was not answered: ${String(failure)}`);
        host.switchToHttp().getResponse<Response>().destroy();
      });
  }

  /** @returns what is answered instead, where there were too many */
  private async counted(request: Request, host: ArgumentsHost): Promise<Problem | undefined> {
    const costClass = request.method === 'GET' || request.method === 'HEAD' ? 'read' : 'write';
    const response = host.switchToHttp().getResponse<Response>();
    try {
      response.set(await this.rates.count(`address:${networkOf(request.ip ?? '')}`, costClass));
      return undefined;
    } catch (error) {
      if (error instanceof Problem) return error;
      this.limitLogger.warn(`A request was not counted: ${String(error)}`);
      return undefined;
    }
  }
}
