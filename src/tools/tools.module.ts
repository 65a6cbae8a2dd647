import { Module } from '@nestjs/common';
import { ToolRegistry } from './tool-registry.js';
import { ToolsController } from './tools.controller.js';

@Module({ controllers: [ToolsController], providers: [ToolRegistry], exports: [ToolRegistry] })
export class ToolsModule {}
