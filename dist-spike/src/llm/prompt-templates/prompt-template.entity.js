var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { TEMPLATE_TYPES } from './prompt-template.values.js';
let PromptTemplateEntity = class PromptTemplateEntity {
    id;
    name;
    templateType;
    content;
    variables;
    version;
    isActive;
    createdBy;
    usageCount;
    successRate;
    createdAt;
    updatedAt;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_prompt_templates' }),
    __metadata("design:type", String)
], PromptTemplateEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'name', type: 'varchar', length: 100 }),
    __metadata("design:type", String)
], PromptTemplateEntity.prototype, "name", void 0);
__decorate([
    Column({ name: 'template_type', type: 'varchar', length: 20 }),
    __metadata("design:type", String)
], PromptTemplateEntity.prototype, "templateType", void 0);
__decorate([
    Column({ name: 'content', type: 'text' }),
    __metadata("design:type", String)
], PromptTemplateEntity.prototype, "content", void 0);
__decorate([
    Column({ name: 'variables', type: 'jsonb', default: () => "'[]'" }),
    __metadata("design:type", Array)
], PromptTemplateEntity.prototype, "variables", void 0);
__decorate([
    Column({ name: 'version', type: 'integer' }),
    __metadata("design:type", Number)
], PromptTemplateEntity.prototype, "version", void 0);
__decorate([
    Column({ name: 'is_active', type: 'boolean', default: true }),
    __metadata("design:type", Boolean)
], PromptTemplateEntity.prototype, "isActive", void 0);
__decorate([
    Column({ name: 'created_by', type: 'varchar', length: 100, nullable: true }),
    __metadata("design:type", Object)
], PromptTemplateEntity.prototype, "createdBy", void 0);
__decorate([
    Column({ name: 'usage_count', type: 'bigint', default: 0 }),
    __metadata("design:type", String)
], PromptTemplateEntity.prototype, "usageCount", void 0);
__decorate([
    Column({ name: 'success_rate', type: 'double precision', nullable: true }),
    __metadata("design:type", Object)
], PromptTemplateEntity.prototype, "successRate", void 0);
__decorate([
    Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], PromptTemplateEntity.prototype, "createdAt", void 0);
__decorate([
    Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], PromptTemplateEntity.prototype, "updatedAt", void 0);
PromptTemplateEntity = __decorate([
    Entity('prompt_templates'),
    Check('ck_prompt_templates_type', oneOf('template_type', TEMPLATE_TYPES)),
    Check('ck_prompt_templates_version', '"version" >= 1'),
    Check('ck_prompt_templates_usage', '"usage_count" >= 0 AND "success_rate" BETWEEN 0 AND 1'),
    Index('uq_prompt_templates_name_version', ['name', 'version'], { unique: true }),
    Index('uq_prompt_templates_active', ['name'], { unique: true, where: 'is_active' })
], PromptTemplateEntity);
export { PromptTemplateEntity };
//# sourceMappingURL=prompt-template.entity.js.map