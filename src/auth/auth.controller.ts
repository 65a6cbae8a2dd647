import { Body, Controller, Get, HttpCode, Ip, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../http/api-problems.decorator.js';
import type { Plain } from '../http/plain.js';
import { CurrentPrincipal, Public, Requires } from './access.decorators.js';
import { RecordsItself } from './audit/records-itself.decorator.js';
import { Costs } from './rate-limits/cost-class.decorator.js';
import { LoginRequest, MeResponse, PasswordRequest, RefreshRequest, TokenResponse } from './dto/session.dto.js';
import type { Principal } from './principal.js';
import { type IssuedTokens, Sessions } from './sessions.service.js';

@ApiTags('auth')
@Controller('api/v1/auth')
export class AuthController {
  constructor(private readonly sessions: Sessions) {}

  @Post('login')
  @HttpCode(200)
  @Public()
  @RecordsItself()
  @Costs('login')
  @ApiOperation({ summary: 'Sign in with name and password' })
  @ApiOkResponse({ type: TokenResponse })
  @ApiProblems('UNAUTHENTICATED', 'RATE_LIMITED')
  async login(@Body() { username, password }: LoginRequest, @Ip() address: string): Promise<TokenResponse> {
    return present(await this.sessions.login(username, password, address));
  }

  @Post('refresh')
  @HttpCode(200)
  @Public()
  @RecordsItself()
  @Costs('login')
  @ApiOperation({ summary: 'Exchange a refresh token for new tokens' })
  @ApiOkResponse({ type: TokenResponse })
  @ApiProblems('UNAUTHENTICATED', 'RATE_LIMITED')
  async refreshTokens(@Body() { refresh_token }: RefreshRequest): Promise<TokenResponse> {
    return present(await this.sessions.refresh(refresh_token));
  }

  @Post('logout')
  @HttpCode(204)
  @Requires('viewer')
  @ApiOperation({ summary: 'End this session' })
  @ApiNoContentResponse({ description: 'The session is over; of an API key nothing changes.' })
  async logout(@CurrentPrincipal() { sessionId }: Principal): Promise<void> {
    if (sessionId !== undefined) await this.sessions.end(sessionId);
  }

  @Post('password')
  @HttpCode(204)
  @Requires('viewer')
  @ApiOperation({ summary: 'Change your password and end your other sessions' })
  @ApiNoContentResponse({ description: 'The password is changed.' })
  async changePassword(
    @CurrentPrincipal() principal: Principal,
    @Body() { current_password: current, new_password: next }: PasswordRequest,
    @Ip() address: string,
  ): Promise<void> {
    await this.sessions.changePassword(principal, { current, next }, address);
  }

  @Get('me')
  @ApiOperation({ summary: 'Who you are' })
  @ApiOkResponse({ type: MeResponse })
  getMe(@CurrentPrincipal() { id, username, role, kind }: Principal): Plain<MeResponse> {
    return { id, username, role, kind };
  }
}

const present = ({ accessToken, refreshToken, expiresInSeconds, role }: IssuedTokens): Plain<TokenResponse> => ({
  access_token: accessToken,
  token_type: 'Bearer',
  expires_in: expiresInSeconds,
  refresh_token: refreshToken,
  role,
});
