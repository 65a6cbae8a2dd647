var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { AppConfig } from '../config/app-config.js';
import { AccessGuard } from './access.guard.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeys } from './api-keys.service.js';
import { AuthController } from './auth.controller.js';
import { FirstStart } from './first-start.service.js';
import { Passwords } from './passwords.js';
import { Sessions } from './sessions.service.js';
import { ApiKeyStrategy } from './strategies/api-key.strategy.js';
import { TokenStrategy } from './strategies/token.strategy.js';
import { jwtOptions } from './tokens.js';
import { UsersController } from './users.controller.js';
import { Users } from './users.service.js';
let AuthModule = class AuthModule {
};
AuthModule = __decorate([
    Module({
        imports: [
            PassportModule.register({ session: false }),
            JwtModule.registerAsync({ inject: [AppConfig], useFactory: jwtOptions }),
        ],
        controllers: [AuthController, UsersController, ApiKeysController],
        providers: [
            Passwords,
            Sessions,
            Users,
            ApiKeys,
            FirstStart,
            TokenStrategy,
            ApiKeyStrategy,
            { provide: APP_GUARD, useClass: AccessGuard },
        ],
        exports: [FirstStart, Sessions, ApiKeys],
    })
], AuthModule);
export { AuthModule };
//# sourceMappingURL=auth.module.js.map