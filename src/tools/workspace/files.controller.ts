import {
  Controller,
  createParamDecorator,
  Delete,
  type ExecutionContext,
  Get,
  HttpCode,
  Put,
  Query,
  Req,
  Res,
  type StreamableFile,
} from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CurrentPrincipal, Requires } from '../../auth/access.decorators.js';
import { BelongsTo, DEPLOYMENT } from '../../auth/owner.js';
import type { Principal } from '../../auth/principal.js';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { Produces } from '../../http/content-negotiation.js';
import type { Plain } from '../../http/plain.js';
import { FolderQuery, WorkspaceEntryDto, WorkspaceFolderDto } from '../dto/workspace-files.dto.js';
import { WorkspaceFiles } from './files.service.js';

/** What the wildcard of the route stands for, decoded; an encoded slash is a slash. */
const FilePath = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const { path } = context.switchToHttp().getRequest<Request>().params;
  return Array.isArray(path) ? path.join('/') : (path ?? '');
});

const ApiFilePath = (): MethodDecorator =>
  ApiParam({
    name: 'path',
    description: 'Relative to the workspace. Slashes may stand as they are.',
    schema: { type: 'string', example: 'notes/plan.md' },
  });

const FILE = { schema: { type: 'string', format: 'binary' } };

@ApiTags('tools')
@BelongsTo(DEPLOYMENT)
@Requires('viewer')
@Controller('api/v1/tools/files')
export class WorkspaceFilesController {
  constructor(private readonly files: WorkspaceFiles) {}

  @Get()
  @ApiOperation({ summary: 'What is in the workspace, in the order of names.' })
  @ApiOkResponse({ type: WorkspaceFolderDto })
  listFiles(
    @Query() query: FolderQuery,
    @CurrentPrincipal() { id }: Principal,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile | Plain<WorkspaceFolderDto>> {
    return this.files.read(id, '.', query, response);
  }

  @Get('*path')
  @ApiFilePath()
  @ApiOperation({
    summary: 'Download a file of the workspace, or list a folder of it in the order of names.',
    description:
      'One `Range` of bytes is served. Links, hard links, devices and paths out of the workspace are refused.',
  })
  @ApiExtraModels(WorkspaceFolderDto)
  @Produces('application/json', 'application/octet-stream', 'text/plain')
  @ApiOkResponse({
    description: 'The file, or the folder as JSON.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(WorkspaceFolderDto) } },
      'application/octet-stream': FILE,
      'text/plain': FILE,
    },
  })
  @ApiResponse({
    status: 206,
    description: 'The bytes of the file that `Range` asks for.',
    headers: { 'Content-Range': { schema: { type: 'string', example: 'bytes 2-4/8' } } },
    content: { 'application/octet-stream': FILE, 'text/plain': FILE },
  })
  @ApiProblems('TOOL_REFUSED', 'CONFLICT')
  readFile(
    @FilePath() path: string,
    @Query() query: FolderQuery,
    @CurrentPrincipal() { id }: Principal,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile | Plain<WorkspaceFolderDto>> {
    return this.files.read(id, path, query, response);
  }

  @Put('*path')
  @Requires('operator')
  @ApiFilePath()
  @ApiOperation({
    summary: 'Upload a file into the workspace.',
    description:
      'The body is the file, at most 25 MiB. Folders on the way are made. The file is replaced whole or not at all.',
  })
  @ApiConsumes('application/octet-stream')
  @ApiBody({ required: false, schema: FILE.schema })
  @ApiOkResponse({ type: WorkspaceEntryDto, description: 'It was replaced.' })
  @ApiCreatedResponse({ type: WorkspaceEntryDto, description: 'It is new.' })
  @ApiProblems('TOOL_REFUSED', 'CONFLICT')
  async uploadFile(
    @FilePath() path: string,
    @CurrentPrincipal() { id }: Principal,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<WorkspaceEntryDto>> {
    const { file, isNew } = await this.files.upload(id, path, request);
    response.status(isNew ? 201 : 200);
    return file;
  }

  @Delete('*path')
  @Requires('operator')
  @HttpCode(204)
  @ApiFilePath()
  @ApiOperation({
    summary: 'Move a file or folder of the workspace into its trash, which keeps it for 7 days at most.',
  })
  @ApiNoContentResponse({ description: 'It is in the trash.' })
  @ApiProblems('TOOL_REFUSED', 'CONFLICT')
  removeFile(@FilePath() path: string, @CurrentPrincipal() { id }: Principal): Promise<void> {
    return this.files.remove(id, path);
  }
}
