var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { CurrentPrincipal, Public, Requires } from './access.decorators.js';
import { LoginRequest, MeResponse, PasswordRequest, RefreshRequest, TokenResponse } from './dto/session.dto.js';
import { Sessions } from './sessions.service.js';
let AuthController = class AuthController {
    sessions;
    constructor(sessions) {
        this.sessions = sessions;
    }
    async login({ username, password }) {
        return present(await this.sessions.login(username, password));
    }
    async refreshTokens({ refresh_token }) {
        return present(await this.sessions.refresh(refresh_token));
    }
    async logout({ sessionId }) {
        if (sessionId !== undefined)
            await this.sessions.end(sessionId);
    }
    async changePassword(principal, body) {
        await this.sessions.changePassword(principal, body.current_password, body.new_password);
    }
    getMe({ id, username, role, kind }) {
        return { id, username, role, kind };
    }
};
__decorate([
    Post('login'),
    HttpCode(200),
    Public(),
    ApiOperation({ summary: 'Sign in with name and password' }),
    ApiOkResponse({ type: TokenResponse }),
    ApiProblems('UNAUTHENTICATED'),
    __param(0, Body()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [LoginRequest]),
    __metadata("design:returntype", Promise)
], AuthController.prototype, "login", null);
__decorate([
    Post('refresh'),
    HttpCode(200),
    Public(),
    ApiOperation({ summary: 'Exchange a refresh token for new tokens' }),
    ApiOkResponse({ type: TokenResponse }),
    ApiProblems('UNAUTHENTICATED'),
    __param(0, Body()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [RefreshRequest]),
    __metadata("design:returntype", Promise)
], AuthController.prototype, "refreshTokens", null);
__decorate([
    Post('logout'),
    HttpCode(204),
    Requires('viewer'),
    ApiOperation({ summary: 'End this session' }),
    ApiNoContentResponse({ description: 'The session is over; of an API key nothing changes.' }),
    __param(0, CurrentPrincipal()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object]),
    __metadata("design:returntype", Promise)
], AuthController.prototype, "logout", null);
__decorate([
    Post('password'),
    HttpCode(204),
    Requires('viewer'),
    ApiOperation({ summary: 'Change your password and end your other sessions' }),
    ApiNoContentResponse({ description: 'The password is changed.' }),
    __param(0, CurrentPrincipal()),
    __param(1, Body()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object, PasswordRequest]),
    __metadata("design:returntype", Promise)
], AuthController.prototype, "changePassword", null);
__decorate([
    Get('me'),
    ApiOperation({ summary: 'Who you are' }),
    ApiOkResponse({ type: MeResponse }),
    __param(0, CurrentPrincipal()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object]),
    __metadata("design:returntype", Object)
], AuthController.prototype, "getMe", null);
AuthController = __decorate([
    ApiTags('auth'),
    Controller('api/v1/auth'),
    __metadata("design:paramtypes", [Sessions])
], AuthController);
export { AuthController };
const present = ({ accessToken, refreshToken, expiresInSeconds, role }) => ({
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresInSeconds,
    refresh_token: refreshToken,
    role,
});
//# sourceMappingURL=auth.controller.js.map