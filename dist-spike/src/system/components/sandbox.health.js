var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Injectable } from '@nestjs/common';
let SandboxHealth = class SandboxHealth {
    name = 'sandbox';
    importance = 'optional';
    complaint = 'No sandbox is available.';
    /** There is no sandbox in this version, and no tool that would need one. */
    check() {
        return { status: 'unavailable', reason: 'This version has no sandbox, and no tool that needs one.' };
    }
};
SandboxHealth = __decorate([
    Injectable()
], SandboxHealth);
export { SandboxHealth };
//# sourceMappingURL=sandbox.health.js.map