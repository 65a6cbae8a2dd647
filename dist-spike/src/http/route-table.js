var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Problem } from './problem.js';
/** Which methods an address takes, read from the router itself. */
let RouteTable = class RouteTable {
    adapters;
    constructor(adapters) {
        this.adapters = adapters;
    }
    /** Upper-case methods of the routes at `path`, OPTIONS included; empty when there is no such address. */
    methodsAt(path) {
        const express = this.adapters.httpAdapter.getInstance();
        const layers = express.router.stack;
        const methods = new Set();
        for (const layer of layers) {
            if (!layer.route || !layer.match(path))
                continue;
            Object.keys(layer.route.methods).forEach((method) => methods.add(method.toUpperCase()));
        }
        if (methods.has('GET'))
            methods.add('HEAD');
        if (methods.size > 0)
            methods.add('OPTIONS');
        return [...methods].sort();
    }
    /** Tells "no such address" from "not with this method". */
    refine(problem, request) {
        if (problem.code !== 'NOT_FOUND' || request.route !== undefined)
            return problem;
        const methods = this.methodsAt(request.path);
        if (methods.length === 0 || methods.includes(request.method))
            return problem;
        const detail = `This address takes ${methods.join(', ')}.`;
        return new Problem('METHOD_NOT_ALLOWED', detail, { headers: { Allow: methods.join(', ') } });
    }
    /** Answers OPTIONS of a known address that is not a CORS preflight. */
    answerOptions = (request, response, next) => {
        const methods = request.method === 'OPTIONS' ? this.methodsAt(request.path) : [];
        if (methods.length === 0)
            next();
        else
            response.status(204).set('Allow', methods.join(', ')).end();
    };
};
RouteTable = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [HttpAdapterHost])
], RouteTable);
export { RouteTable };
//# sourceMappingURL=route-table.js.map