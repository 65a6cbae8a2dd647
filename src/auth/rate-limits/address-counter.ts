import { Injectable, Logger } from '@nestjs/common';
import type { Request, RequestHandler, Response } from 'express';
import { Problem } from '../../http/problem.js';
import { networkOf } from '../network.rules.js';
import { RateLimits } from './rate-limits.js';

/** Counts, for their address, requests that no guard sees. */
@Injectable()
export class AddressCounter {
  private readonly logger = new Logger(AddressCounter.name);

  constructor(private readonly rates: RateLimits) {}

  /** @returns what is answered instead, where there were too many; a request that cannot be counted passes */
  async refusalOf(request: Request, response: Response): Promise<Problem | undefined> {
    const costClass = request.method === 'GET' || request.method === 'HEAD' ? 'read' : 'write';
    try {
      response.set(await this.rates.count(`address:${networkOf(request.ip ?? '')}`, costClass));
      return undefined;
    } catch (error) {
      if (error instanceof Problem) return error;
      this.logger.warn(`A request was not counted: ${String(error)}`);
      return undefined;
    }
  }

  /** For routes that are not Nest's. */
  readonly handler: RequestHandler = async (request, response, next) => {
    next(await this.refusalOf(request, response));
  };
}
