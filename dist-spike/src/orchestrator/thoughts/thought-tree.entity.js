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
import { oneOf } from '../../database/checks.js';
import { IMPORTANCE_LEVELS, THOUGHT_STATUSES, } from './thought-tree.values.js';
let ThoughtTreeEntity = class ThoughtTreeEntity {
    id;
    parentId;
    rootId;
    goal;
    status;
    depth;
    position;
    completedAt;
    metadata;
    successScore;
    qualityScore;
    speedScore;
    usefulnessScore;
    overallWeight;
    importanceLevel;
    createdAt;
    updatedAt;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_thought_trees' }),
    __metadata("design:type", String)
], ThoughtTreeEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'parent_id', type: 'uuid', nullable: true }),
    ForeignKey('ThoughtTreeEntity', { name: 'fk_thought_trees_parent', onDelete: 'CASCADE' }),
    __metadata("design:type", Object)
], ThoughtTreeEntity.prototype, "parentId", void 0);
__decorate([
    Column({ name: 'root_id', type: 'uuid' }),
    ForeignKey('WorkflowEntity', { name: 'fk_thought_trees_workflow', onDelete: 'CASCADE' }),
    __metadata("design:type", String)
], ThoughtTreeEntity.prototype, "rootId", void 0);
__decorate([
    Column({ name: 'goal', type: 'text' }),
    __metadata("design:type", String)
], ThoughtTreeEntity.prototype, "goal", void 0);
__decorate([
    Column({ name: 'status', type: 'varchar', length: 20, default: 'pending' }),
    __metadata("design:type", String)
], ThoughtTreeEntity.prototype, "status", void 0);
__decorate([
    Column({ name: 'depth', type: 'integer', default: 0 }),
    __metadata("design:type", Number)
], ThoughtTreeEntity.prototype, "depth", void 0);
__decorate([
    Column({ name: 'position', type: 'integer', default: 0 }),
    __metadata("design:type", Number)
], ThoughtTreeEntity.prototype, "position", void 0);
__decorate([
    Column({ name: 'completed_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], ThoughtTreeEntity.prototype, "completedAt", void 0);
__decorate([
    Column({ name: 'metadata', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], ThoughtTreeEntity.prototype, "metadata", void 0);
__decorate([
    Column({ name: 'success_score', type: 'double precision', nullable: true }),
    __metadata("design:type", Object)
], ThoughtTreeEntity.prototype, "successScore", void 0);
__decorate([
    Column({ name: 'quality_score', type: 'double precision', nullable: true }),
    __metadata("design:type", Object)
], ThoughtTreeEntity.prototype, "qualityScore", void 0);
__decorate([
    Column({ name: 'speed_score', type: 'double precision', nullable: true }),
    __metadata("design:type", Object)
], ThoughtTreeEntity.prototype, "speedScore", void 0);
__decorate([
    Column({ name: 'usefulness_score', type: 'double precision', nullable: true }),
    __metadata("design:type", Object)
], ThoughtTreeEntity.prototype, "usefulnessScore", void 0);
__decorate([
    Column({ name: 'overall_weight', type: 'double precision', default: () => '0.5' }),
    __metadata("design:type", Number)
], ThoughtTreeEntity.prototype, "overallWeight", void 0);
__decorate([
    Column({ name: 'importance_level', type: 'varchar', length: 20, default: 'medium' }),
    __metadata("design:type", String)
], ThoughtTreeEntity.prototype, "importanceLevel", void 0);
__decorate([
    Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], ThoughtTreeEntity.prototype, "createdAt", void 0);
__decorate([
    Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], ThoughtTreeEntity.prototype, "updatedAt", void 0);
ThoughtTreeEntity = __decorate([
    Entity('thought_trees'),
    Check('ck_thought_trees_status', oneOf('status', THOUGHT_STATUSES)),
    Check('ck_thought_trees_importance', oneOf('importance_level', IMPORTANCE_LEVELS)),
    Check('ck_thought_trees_depth', '"depth" >= 0'),
    Check('ck_thought_trees_scores', '"success_score" BETWEEN 0 AND 1 AND "quality_score" BETWEEN 0 AND 1 AND "speed_score" BETWEEN 0 AND 1 AND "usefulness_score" BETWEEN 0 AND 1 AND "overall_weight" BETWEEN 0 AND 1'),
    Check('ck_thought_trees_root', '("parent_id" IS NULL) = ("id" = "root_id")'),
    Index('ix_thought_trees_root', ['rootId', 'id']),
    Index('ix_thought_trees_parent', ['parentId']),
    Index('ix_thought_trees_created_at', ['createdAt', 'id']),
    Index('ix_thought_trees_status', ['status', 'createdAt', 'id'])
], ThoughtTreeEntity);
export { ThoughtTreeEntity };
//# sourceMappingURL=thought-tree.entity.js.map