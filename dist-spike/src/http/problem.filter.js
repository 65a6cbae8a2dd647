var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var ProblemFilter_1;
import { Catch, Injectable, Logger } from '@nestjs/common';
import { problemDocument, problemHeaders, PROBLEM_TYPE } from './problem-document.js';
import { toProblem } from './problem-mapping.js';
import { currentRequestId, requestIdFrom } from './request-context.js';
import { RouteTable } from './route-table.js';
/** The one place where an error becomes an answer. */
let ProblemFilter = ProblemFilter_1 = class ProblemFilter {
    routes;
    logger = new Logger(ProblemFilter_1.name);
    constructor(routes) {
        this.routes = routes;
    }
    catch(error, host) {
        const request = host.switchToHttp().getRequest();
        const response = host.switchToHttp().getResponse();
        if (response.destroyed && error instanceof Error && error.name === 'AbortError')
            return;
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
    report(problem) {
        if (problem.code === 'INTERNAL')
            this.logger.error(problem.options.cause ?? problem);
        else if (problem.status >= 500)
            this.logger.warn(`${problem.code}: ${problem.detail}`);
    }
};
ProblemFilter = ProblemFilter_1 = __decorate([
    Catch(),
    Injectable(),
    __metadata("design:paramtypes", [RouteTable])
], ProblemFilter);
export { ProblemFilter };
//# sourceMappingURL=problem.filter.js.map