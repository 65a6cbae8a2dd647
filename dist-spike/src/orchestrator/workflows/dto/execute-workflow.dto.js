var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional } from 'class-validator';
import { FreeForm } from '../../../http/free-form.decorator.js';
import { INPUT_TYPES, PRIORITIES, URGENCIES } from '../workflow.values.js';
/** Words that old clients send. */
const readAs = (alias, meaning) => ({ value }) => value === alias ? meaning : value;
export class ExecuteWorkflow {
    input_type;
    content;
    execution_context;
    domain_context;
    user_context;
    historical_context;
    priority;
    urgency;
}
__decorate([
    ApiProperty({ enum: INPUT_TYPES, enumName: 'InputType', example: 'user_prompt' }),
    IsIn(INPUT_TYPES),
    __metadata("design:type", String)
], ExecuteWorkflow.prototype, "input_type", void 0);
__decorate([
    FreeForm({
        required: true,
        description: 'What is to be done; its members depend on the input type. Up to 200,000 characters of text.',
        example: { prompt: 'Name three uses of a paper clip.' },
    }),
    __metadata("design:type", Object)
], ExecuteWorkflow.prototype, "content", void 0);
__decorate([
    FreeForm({
        description: 'Limits and settings: `resource_limits`, `quality_settings`, `execution_preferences`.',
        example: { resource_limits: { max_cost_usd: 0.5, max_subtasks: 4 } },
    }),
    __metadata("design:type", Object)
], ExecuteWorkflow.prototype, "execution_context", void 0);
__decorate([
    FreeForm({ description: 'Facts of the field the work is in; they reach the prompts.' }),
    __metadata("design:type", Object)
], ExecuteWorkflow.prototype, "domain_context", void 0);
__decorate([
    FreeForm({ description: 'Facts of the user the work is for; they reach the prompts.' }),
    __metadata("design:type", Object)
], ExecuteWorkflow.prototype, "user_context", void 0);
__decorate([
    FreeForm({ description: 'What happened before; it reaches the prompts.' }),
    __metadata("design:type", Object)
], ExecuteWorkflow.prototype, "historical_context", void 0);
__decorate([
    ApiPropertyOptional({
        enum: PRIORITIES,
        enumName: 'Priority',
        default: 'medium',
        description: '`normal` is read as medium.',
    }),
    Transform(readAs('normal', 'medium')),
    IsOptional(),
    IsIn(PRIORITIES),
    __metadata("design:type", String)
], ExecuteWorkflow.prototype, "priority", void 0);
__decorate([
    ApiPropertyOptional({
        enum: URGENCIES,
        enumName: 'Urgency',
        default: 'normal',
        description: '`urgent` is read as high.',
    }),
    Transform(readAs('urgent', 'high')),
    IsOptional(),
    IsIn(URGENCIES),
    __metadata("design:type", String)
], ExecuteWorkflow.prototype, "urgency", void 0);
//# sourceMappingURL=execute-workflow.dto.js.map