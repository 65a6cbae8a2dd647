import { type ArgumentsHost, Catch, Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ProblemFilter } from '../../http/problem.filter.js';
import { toProblem } from '../../http/problem-mapping.js';
import { RouteTable } from '../../http/route-table.js';
import { AddressCounter } from './address-counter.js';

/**
 * Counts, for their address, requests that are refused before they come to a route and its guard: bodies that are no JSON or too large,
 * addresses and methods that are not there. So a flood of them is turned away as any other.
 */
@Catch()
@Injectable()
export class CountedProblems extends ProblemFilter {
  private readonly countLogger = new Logger(CountedProblems.name);

  constructor(
    routes: RouteTable,
    private readonly addresses: AddressCounter,
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
    this.addresses
      .refusalOf(request, host.switchToHttp().getResponse<Response>())
      .then((refusal) => super.catch(refusal ?? error, host))
      .catch((failure: unknown) => {
        this.countLogger.error(`A request was not answered: ${String(failure)}`);
        host.switchToHttp().getResponse<Response>().destroy();
      });
  }
}
