var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
/** OWASP's Argon2id profile: 19 MiB, two passes, one lane. */
const PROFILE = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
let Passwords = class Passwords {
    decoy;
    hash(password) {
        return hash(password, PROFILE);
    }
    /** Takes as long for an unknown user (`undefined`) as for a wrong password. */
    async matches(stored, password) {
        this.decoy ??= this.hash('nobody has this password');
        const isRight = await verify(stored ?? (await this.decoy), password);
        return stored !== undefined && isRight;
    }
};
Passwords = __decorate([
    Injectable()
], Passwords);
export { Passwords };
//# sourceMappingURL=passwords.js.map