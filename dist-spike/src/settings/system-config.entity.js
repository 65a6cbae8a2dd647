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
import { oneOf } from '../database/checks.js';
import { CONFIG_TYPES } from './system-config.values.js';
let SystemConfigEntity = class SystemConfigEntity {
    id;
    configKey;
    configValue;
    configType;
    description;
    createdAt;
    updatedAt;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_system_config' }),
    __metadata("design:type", String)
], SystemConfigEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'config_key', type: 'varchar', length: 100 }),
    __metadata("design:type", String)
], SystemConfigEntity.prototype, "configKey", void 0);
__decorate([
    Column({ name: 'config_value', type: 'jsonb' }),
    __metadata("design:type", Object)
], SystemConfigEntity.prototype, "configValue", void 0);
__decorate([
    Column({ name: 'config_type', type: 'varchar', length: 20 }),
    __metadata("design:type", String)
], SystemConfigEntity.prototype, "configType", void 0);
__decorate([
    Column({ name: 'description', type: 'text', default: '' }),
    __metadata("design:type", String)
], SystemConfigEntity.prototype, "description", void 0);
__decorate([
    Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], SystemConfigEntity.prototype, "createdAt", void 0);
__decorate([
    Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], SystemConfigEntity.prototype, "updatedAt", void 0);
SystemConfigEntity = __decorate([
    Entity('system_config'),
    Check('ck_system_config_type', oneOf('config_type', CONFIG_TYPES)),
    Index('uq_system_config_key', ['configKey'], { unique: true })
], SystemConfigEntity);
export { SystemConfigEntity };
//# sourceMappingURL=system-config.entity.js.map