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
import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { PageQuery } from '../http/page-query.dto.js';
import { UuidParam } from '../http/uuid-param.js';
import { Requires } from './access.decorators.js';
import { CreateUser, UpdateUser, UserPage, UserView } from './dto/user.dto.js';
import { Users } from './users.service.js';
let UsersController = class UsersController {
    users;
    constructor(users) {
        this.users = users;
    }
    listUsers(query) {
        return this.users.list(query);
    }
    createUser(body) {
        return this.users.create(body);
    }
    updateUser(id, body) {
        return this.users.update(id, body);
    }
    deleteUser(id) {
        return this.users.remove(id);
    }
};
__decorate([
    Get(),
    ApiOperation({ summary: 'List users, newest first' }),
    ApiOkResponse({ type: UserPage }),
    __param(0, Query()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [PageQuery]),
    __metadata("design:returntype", Promise)
], UsersController.prototype, "listUsers", null);
__decorate([
    Post(),
    ApiOperation({ summary: 'Make a user' }),
    ApiCreatedResponse({ type: UserView }),
    ApiProblems('CONFLICT'),
    __param(0, Body()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [CreateUser]),
    __metadata("design:returntype", Promise)
], UsersController.prototype, "createUser", null);
__decorate([
    Patch(':id'),
    ApiOperation({ summary: 'Change the role, the password or the access of a user' }),
    ApiOkResponse({ type: UserView }),
    ApiProblems('CONFLICT'),
    __param(0, UuidParam()),
    __param(1, Body()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String, UpdateUser]),
    __metadata("design:returntype", Promise)
], UsersController.prototype, "updateUser", null);
__decorate([
    Delete(':id'),
    HttpCode(204),
    ApiOperation({ summary: 'Remove a user' }),
    ApiNoContentResponse({ description: 'The user is gone, and so are their sessions.' }),
    ApiProblems('CONFLICT'),
    __param(0, UuidParam()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [String]),
    __metadata("design:returntype", Promise)
], UsersController.prototype, "deleteUser", null);
UsersController = __decorate([
    ApiTags('auth'),
    Requires('admin'),
    Controller('api/v1/auth/users'),
    __metadata("design:paramtypes", [Users])
], UsersController);
export { UsersController };
//# sourceMappingURL=users.controller.js.map