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
import { TOOL_RISKS } from '../tool.js';
export class AvailableToolDto {
    name;
    description;
    operations;
    parameters_schema;
    risk;
    available;
    reason;
}
__decorate([
    ApiProperty({ type: String }),
    __metadata("design:type", String)
], AvailableToolDto.prototype, "name", void 0);
__decorate([
    ApiProperty({ type: String }),
    __metadata("design:type", String)
], AvailableToolDto.prototype, "description", void 0);
__decorate([
    ApiProperty({ type: [String], description: 'Values of the parameter `operation`; empty when it does one thing.' }),
    __metadata("design:type", Array)
], AvailableToolDto.prototype, "operations", void 0);
__decorate([
    ApiProperty({ type: 'object', additionalProperties: true, description: 'JSON Schema of the parameters.' }),
    __metadata("design:type", Object)
], AvailableToolDto.prototype, "parameters_schema", void 0);
__decorate([
    ApiProperty({ enum: TOOL_RISKS, enumName: 'ToolRisk' }),
    __metadata("design:type", String)
], AvailableToolDto.prototype, "risk", void 0);
__decorate([
    ApiProperty({ type: Boolean, description: 'Whether it can be used here and now.' }),
    __metadata("design:type", Boolean)
], AvailableToolDto.prototype, "available", void 0);
__decorate([
    ApiPropertyOptional({ type: String, description: 'Why it cannot be used.' }),
    __metadata("design:type", String)
], AvailableToolDto.prototype, "reason", void 0);
export class AvailableToolsDto {
    tools;
}
__decorate([
    ApiProperty({ type: [AvailableToolDto], example: [] }),
    __metadata("design:type", Array)
], AvailableToolsDto.prototype, "tools", void 0);
//# sourceMappingURL=available-tools.dto.js.map