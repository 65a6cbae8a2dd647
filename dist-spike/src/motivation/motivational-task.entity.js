var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../database/checks.js';
import { MOTIVATIONAL_TASK_STATUSES } from './motivational-task.values.js';
let MotivationalTaskEntity = class MotivationalTaskEntity {
    id;
    motivationalStateId;
    thoughtTreeId;
    generatedPrompt;
    taskPriority;
    arbitrationScore;
    status;
    spawnedAt;
    startedAt;
    completedAt;
    success;
    outcomeScore;
    satisfactionGain;
    context;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_motivational_tasks' }),
    __metadata("design:type", String)
], MotivationalTaskEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'motivational_state_id', type: 'uuid' }),
    ForeignKey('MotivationalStateEntity', { name: 'fk_motivational_tasks_state', onDelete: 'CASCADE' }),
    __metadata("design:type", String)
], MotivationalTaskEntity.prototype, "motivationalStateId", void 0);
__decorate([
    Column({ name: 'thought_tree_id', type: 'uuid', nullable: true }),
    ForeignKey('ThoughtTreeEntity', { name: 'fk_motivational_tasks_thought', onDelete: 'SET NULL' }),
    __metadata("design:type", Object)
], MotivationalTaskEntity.prototype, "thoughtTreeId", void 0);
__decorate([
    Column({ name: 'generated_prompt', type: 'text' }),
    __metadata("design:type", String)
], MotivationalTaskEntity.prototype, "generatedPrompt", void 0);
__decorate([
    Column({ name: 'task_priority', type: 'double precision' }),
    __metadata("design:type", Number)
], MotivationalTaskEntity.prototype, "taskPriority", void 0);
__decorate([
    Column({ name: 'arbitration_score', type: 'double precision' }),
    __metadata("design:type", Number)
], MotivationalTaskEntity.prototype, "arbitrationScore", void 0);
__decorate([
    Column({ name: 'status', type: 'varchar', length: 20, default: 'generated' }),
    __metadata("design:type", String)
], MotivationalTaskEntity.prototype, "status", void 0);
__decorate([
    Column({ name: 'spawned_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], MotivationalTaskEntity.prototype, "spawnedAt", void 0);
__decorate([
    Column({ name: 'started_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], MotivationalTaskEntity.prototype, "startedAt", void 0);
__decorate([
    Column({ name: 'completed_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], MotivationalTaskEntity.prototype, "completedAt", void 0);
__decorate([
    Column({ name: 'success', type: 'boolean', nullable: true }),
    __metadata("design:type", Object)
], MotivationalTaskEntity.prototype, "success", void 0);
__decorate([
    Column({ name: 'outcome_score', type: 'double precision', nullable: true }),
    __metadata("design:type", Object)
], MotivationalTaskEntity.prototype, "outcomeScore", void 0);
__decorate([
    Column({ name: 'satisfaction_gain', type: 'double precision', nullable: true }),
    __metadata("design:type", Object)
], MotivationalTaskEntity.prototype, "satisfactionGain", void 0);
__decorate([
    Column({ name: 'context', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], MotivationalTaskEntity.prototype, "context", void 0);
MotivationalTaskEntity = __decorate([
    Entity('motivational_tasks'),
    Check('ck_motivational_tasks_status', oneOf('status', MOTIVATIONAL_TASK_STATUSES)),
    Check('ck_motivational_tasks_scores', '"task_priority" BETWEEN 0 AND 1 AND "arbitration_score" BETWEEN 0 AND 1 AND "outcome_score" BETWEEN 0 AND 1 AND "satisfaction_gain" BETWEEN -1 AND 1'),
    Index('uq_motivational_tasks_active', ['motivationalStateId'], {
        unique: true,
        where: "status IN ('generated', 'queued', 'spawned', 'active')",
    }),
    Index('ix_motivational_tasks_thought', ['thoughtTreeId']),
    Index('ix_motivational_tasks_spawned_at', ['spawnedAt'])
], MotivationalTaskEntity);
export { MotivationalTaskEntity };
//# sourceMappingURL=motivational-task.entity.js.map