import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { LimitQuery } from '../../http/page-query.dto.js';
import type { EntryType } from '../workspace/workspace.js';

const ENTRY_TYPES = ['file', 'directory', 'symlink', 'other'] as const satisfies readonly EntryType[];

/** A cursor holds a name of up to 255 bytes. */
export class FolderQuery extends LimitQuery {
  @ApiPropertyOptional({ type: String, description: 'The `next_cursor` of the page before.', maxLength: 400 })
  @IsOptional()
  @IsString()
  @MaxLength(400)
  cursor?: string;
}

export class WorkspaceEntryDto {
  @ApiProperty({ type: String, description: 'Relative to the workspace.', example: 'notes/plan.md' })
  path!: string;

  @ApiProperty({ type: String, example: 'plan.md' })
  name!: string;

  @ApiProperty({ enum: ENTRY_TYPES, enumName: 'WorkspaceEntryType', example: 'file' })
  type!: EntryType;

  @ApiProperty({ type: 'integer', description: 'Of files; 0 for everything else.', example: 1280 })
  size_bytes!: number;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-03-01T08:00:00.000Z' })
  modified_at!: string;
}

export class WorkspaceFolderDto {
  @ApiProperty({ type: String, description: 'The folder; `.` is the workspace itself.', example: 'notes' })
  path!: string;

  @ApiProperty({ type: [WorkspaceEntryDto] })
  items!: WorkspaceEntryDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}
