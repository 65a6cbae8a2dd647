import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Problem } from './problem.js';
import { problemDocument, problemHeaders, PROBLEM_TYPE } from './problem-document.js';
import { toProblem } from './problem-mapping.js';
import { currentRequestId, requestIdFrom } from './request-context.js';
import { RouteTable } from './route-table.js';

/** The one place where an error becomes an answer. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(private readonly routes: RouteTable) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (response.destroyed && error instanceof Error && error.name === 'AbortError') return;
    const problem = this.routes.refine(toProblem(error), request);
    this.report(problem);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const requestId = currentRequestId() ?? requestIdFrom(response.getHeader('X-Request-Id'));
    response.status(problem.status).set(problemHeaders(problem)).type(PROBLEM_TYPE);
    response.send(JSON.stringify(problemDocument(problem, request.path, requestId, new Date())));
  }

  private report(problem: Problem): void {
    if (problem.code === 'INTERNAL') this.logger.error(problem.options.cause ?? problem);
    else if (problem.status >= 500) this.logger.warn(`${problem.code}: ${problem.detail}`);
  }
}
