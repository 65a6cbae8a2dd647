var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { IsTimestamp } from '../../../http/is-timestamp.decorator.js';
import { OffsetQuery, PageQuery } from '../../../http/page-query.dto.js';
import { INPUT_TYPES, STRATEGIES, WORKFLOW_ORIGINS, WORKFLOW_STATUSES, } from '../workflow.values.js';
export class ActiveQuery extends OffsetQuery {
    limit = 10;
}
export class WorkflowFilter extends PageQuery {
    status;
    input_type;
    strategy;
    origin;
    created_after;
    created_before;
}
__decorate([
    ApiPropertyOptional({ enum: WORKFLOW_STATUSES, enumName: 'WorkflowStatus' }),
    IsOptional(),
    IsIn(WORKFLOW_STATUSES),
    __metadata("design:type", String)
], WorkflowFilter.prototype, "status", void 0);
__decorate([
    ApiPropertyOptional({ enum: INPUT_TYPES, enumName: 'InputType' }),
    IsOptional(),
    IsIn(INPUT_TYPES),
    __metadata("design:type", String)
], WorkflowFilter.prototype, "input_type", void 0);
__decorate([
    ApiPropertyOptional({ enum: STRATEGIES, enumName: 'AnyStrategy' }),
    IsOptional(),
    IsIn(STRATEGIES),
    __metadata("design:type", String)
], WorkflowFilter.prototype, "strategy", void 0);
__decorate([
    ApiPropertyOptional({ enum: WORKFLOW_ORIGINS, enumName: 'WorkflowOrigin' }),
    IsOptional(),
    IsIn(WORKFLOW_ORIGINS),
    __metadata("design:type", String)
], WorkflowFilter.prototype, "origin", void 0);
__decorate([
    ApiPropertyOptional({ type: String, format: 'date-time', description: 'Not older than this.' }),
    IsOptional(),
    IsTimestamp(),
    __metadata("design:type", String)
], WorkflowFilter.prototype, "created_after", void 0);
__decorate([
    ApiPropertyOptional({ type: String, format: 'date-time', description: 'Older than this.' }),
    IsOptional(),
    IsTimestamp(),
    __metadata("design:type", String)
], WorkflowFilter.prototype, "created_before", void 0);
//# sourceMappingURL=workflow-queries.dto.js.map