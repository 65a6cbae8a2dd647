import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { AppConfig } from '../config/app-config.js';
import { AccessTokens } from './access-tokens.js';
import { AccessGuard } from './access.guard.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeys } from './api-keys.service.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditInterceptor } from './audit/audit.interceptor.js';
import { Audit } from './audit/audit.service.js';
import { Refusals } from './audit/refusals.js';
import { Attributions } from './attributions.js';
import { AuthController } from './auth.controller.js';
import { FirstStart } from './first-start.service.js';
import { Isolation } from './isolation.js';
import { LoginThrottle } from './login-throttle.js';
import { PasswordPolicy } from './password-policy.js';
import { OidcProvider } from './oidc/oidc-provider.js';
import { Passwords } from './passwords.js';
import { AddressCounter } from './rate-limits/address-counter.js';
import { CountedProblems } from './rate-limits/counted-problems.filter.js';
import { RateLimits } from './rate-limits/rate-limits.js';
import { Sessions } from './sessions.service.js';
import { ApiKeyStrategy } from './strategies/api-key.strategy.js';
import { OidcStrategy } from './strategies/oidc.strategy.js';
import { TokenStrategy } from './strategies/token.strategy.js';
import { jwtOptions } from './tokens.js';
import { UsersController } from './users.controller.js';
import { Users } from './users.service.js';

@Module({
  imports: [
    PassportModule.register({ session: false }),
    JwtModule.registerAsync({ inject: [AppConfig], useFactory: jwtOptions }),
  ],
  controllers: [AuthController, UsersController, ApiKeysController, AuditController],
  providers: [
    Passwords,
    PasswordPolicy,
    LoginThrottle,
    Sessions,
    Users,
    ApiKeys,
    FirstStart,
    AccessTokens,
    OidcProvider,
    TokenStrategy,
    OidcStrategy,
    ApiKeyStrategy,
    Audit,
    Refusals,
    RateLimits,
    AddressCounter,
    Isolation,
    Attributions,
    { provide: APP_FILTER, useClass: CountedProblems },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
  ],
  exports: [
    FirstStart,
    Sessions,
    ApiKeys,
    AccessTokens,
    OidcProvider,
    Audit,
    Refusals,
    RateLimits,
    Isolation,
    Attributions,
  ],
})
export class AuthModule {}
