import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Express, NextFunction, Request, Response } from 'express';
import { Problem } from './problem.js';

interface RouteLayer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

/** Which methods an address takes, read from the router itself. */
@Injectable()
export class RouteTable {
  constructor(private readonly adapters: HttpAdapterHost) {}

  /** Upper-case methods of the routes at `path`, OPTIONS included; empty when there is no such address. */
  methodsAt(path: string): string[] {
    const express = this.adapters.httpAdapter.getInstance<Express>();
    const layers = express.router.stack as unknown as readonly RouteLayer[];
    const methods = new Set<string>();
    for (const layer of layers) {
      if (!layer.route || !layer.match(path)) continue;
      Object.keys(layer.route.methods).forEach((method) => methods.add(method.toUpperCase()));
    }
    if (methods.has('GET')) methods.add('HEAD');
    if (methods.size > 0) methods.add('OPTIONS');
    return [...methods].sort();
  }

  /** Tells "no such address" from "not with this method". */
  refine(problem: Problem, request: Request): Problem {
    if (problem.code !== 'NOT_FOUND' || request.route !== undefined) return problem;
    const methods = this.methodsAt(request.path);
    if (methods.length === 0 || methods.includes(request.method)) return problem;
    const detail = `This address takes ${methods.join(', ')}.`;
    return new Problem('METHOD_NOT_ALLOWED', detail, { headers: { Allow: methods.join(', ') } });
  }

  /** Answers OPTIONS of a known address that is not a CORS preflight. */
  readonly answerOptions = (request: Request, response: Response, next: NextFunction): void => {
    const methods = request.method === 'OPTIONS' ? this.methodsAt(request.path) : [];
    if (methods.length === 0) next();
    else response.status(204).set('Allow', methods.join(', ')).end();
  };
}
