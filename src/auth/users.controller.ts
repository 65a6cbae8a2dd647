import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../http/api-problems.decorator.js';
import type { Page } from '../http/cursor.js';
import { PageQuery } from '../http/page-query.dto.js';
import { UuidParam } from '../http/uuid-param.js';
import { Requires } from './access.decorators.js';
import { CreateUser, UpdateUser, UserPage, UserView } from './dto/user.dto.js';
import { Users } from './users.service.js';

@ApiTags('auth')
@Requires('admin')
@Controller('api/v1/auth/users')
export class UsersController {
  constructor(private readonly users: Users) {}

  @Get()
  @ApiOperation({ summary: 'List users, newest first' })
  @ApiOkResponse({ type: UserPage })
  listUsers(@Query() query: PageQuery): Promise<Page<UserView>> {
    return this.users.list(query);
  }

  @Post()
  @ApiOperation({ summary: 'Make a user' })
  @ApiCreatedResponse({ type: UserView })
  @ApiProblems('CONFLICT')
  createUser(@Body() body: CreateUser): Promise<UserView> {
    return this.users.create(body);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change the role, the password or the access of a user' })
  @ApiOkResponse({ type: UserView })
  @ApiProblems('CONFLICT')
  updateUser(@UuidParam() id: string, @Body() body: UpdateUser): Promise<UserView> {
    return this.users.update(id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a user' })
  @ApiNoContentResponse({ description: 'The user is gone, and so are their sessions.' })
  @ApiProblems('CONFLICT')
  deleteUser(@UuidParam() id: string): Promise<void> {
    return this.users.remove(id);
  }
}
