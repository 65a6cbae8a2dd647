var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Injectable, Param } from '@nestjs/common';
import { invalid } from './problem.js';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const isUuid = (text) => typeof text === 'string' && UUID.test(text);
let UuidPipe = class UuidPipe {
    transform(value, { data }) {
        if (!isUuid(value))
            throw invalid(data ?? 'id', 'must be a UUID');
        return value.toLowerCase();
    }
};
UuidPipe = __decorate([
    Injectable()
], UuidPipe);
/** A path parameter that is a UUID of any version; anything else is 400. */
export const UuidParam = (name = 'id') => Param(name, UuidPipe);
//# sourceMappingURL=uuid-param.js.map