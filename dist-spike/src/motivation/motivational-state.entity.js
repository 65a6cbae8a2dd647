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
let MotivationalStateEntity = class MotivationalStateEntity {
    id;
    motivationType;
    urgency;
    satisfaction;
    decayRate;
    boostFactor;
    triggerCondition;
    metadata;
    lastTriggeredAt;
    lastSatisfiedAt;
    isActive;
    maxUrgency;
    minSatisfaction;
    successCount;
    failureCount;
    totalAttempts;
    successRate;
    createdAt;
    updatedAt;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_motivational_states' }),
    __metadata("design:type", String)
], MotivationalStateEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'motivation_type', type: 'varchar', length: 100 }),
    __metadata("design:type", String)
], MotivationalStateEntity.prototype, "motivationType", void 0);
__decorate([
    Column({ name: 'urgency', type: 'double precision', default: 0 }),
    __metadata("design:type", Number)
], MotivationalStateEntity.prototype, "urgency", void 0);
__decorate([
    Column({ name: 'satisfaction', type: 'double precision', default: () => '0.5' }),
    __metadata("design:type", Number)
], MotivationalStateEntity.prototype, "satisfaction", void 0);
__decorate([
    Column({ name: 'decay_rate', type: 'double precision' }),
    __metadata("design:type", Number)
], MotivationalStateEntity.prototype, "decayRate", void 0);
__decorate([
    Column({ name: 'boost_factor', type: 'double precision' }),
    __metadata("design:type", Number)
], MotivationalStateEntity.prototype, "boostFactor", void 0);
__decorate([
    Column({ name: 'trigger_condition', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], MotivationalStateEntity.prototype, "triggerCondition", void 0);
__decorate([
    Column({ name: 'metadata', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], MotivationalStateEntity.prototype, "metadata", void 0);
__decorate([
    Column({ name: 'last_triggered_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], MotivationalStateEntity.prototype, "lastTriggeredAt", void 0);
__decorate([
    Column({ name: 'last_satisfied_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], MotivationalStateEntity.prototype, "lastSatisfiedAt", void 0);
__decorate([
    Column({ name: 'is_active', type: 'boolean', default: true }),
    __metadata("design:type", Boolean)
], MotivationalStateEntity.prototype, "isActive", void 0);
__decorate([
    Column({ name: 'max_urgency', type: 'double precision', default: 1 }),
    __metadata("design:type", Number)
], MotivationalStateEntity.prototype, "maxUrgency", void 0);
__decorate([
    Column({ name: 'min_satisfaction', type: 'double precision', default: 0 }),
    __metadata("design:type", Number)
], MotivationalStateEntity.prototype, "minSatisfaction", void 0);
__decorate([
    Column({ name: 'success_count', type: 'integer', default: 0 }),
    __metadata("design:type", Number)
], MotivationalStateEntity.prototype, "successCount", void 0);
__decorate([
    Column({ name: 'failure_count', type: 'integer', default: 0 }),
    __metadata("design:type", Number)
], MotivationalStateEntity.prototype, "failureCount", void 0);
__decorate([
    Column({ name: 'total_attempts', type: 'integer', default: 0 }),
    __metadata("design:type", Number)
], MotivationalStateEntity.prototype, "totalAttempts", void 0);
__decorate([
    Column({ name: 'success_rate', type: 'double precision', default: 0 }),
    __metadata("design:type", Number)
], MotivationalStateEntity.prototype, "successRate", void 0);
__decorate([
    Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], MotivationalStateEntity.prototype, "createdAt", void 0);
__decorate([
    Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], MotivationalStateEntity.prototype, "updatedAt", void 0);
MotivationalStateEntity = __decorate([
    Entity('motivational_states'),
    Check('ck_motivational_states_levels', '"urgency" BETWEEN 0 AND 1 AND "satisfaction" BETWEEN 0 AND 1 AND "max_urgency" BETWEEN 0 AND 1 AND "min_satisfaction" BETWEEN 0 AND 1 AND "success_rate" BETWEEN 0 AND 1'),
    Check('ck_motivational_states_rates', '"decay_rate" >= 0 AND "boost_factor" >= 0'),
    Check('ck_motivational_states_counts', '"success_count" >= 0 AND "failure_count" >= 0 AND "total_attempts" >= 0'),
    Index('uq_motivational_states_type', ['motivationType'], { unique: true })
], MotivationalStateEntity);
export { MotivationalStateEntity };
//# sourceMappingURL=motivational-state.entity.js.map