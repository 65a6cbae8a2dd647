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

@Module({
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
export class AuthModule {}
