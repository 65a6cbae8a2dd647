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
import { BUDGET_SCOPE_KINDS } from './budget.values.js';
let BudgetScopeEntity = class BudgetScopeEntity {
    id;
    kind;
    key;
    limitUsd;
    spentUsd;
    reservedUsd;
    inDoubtUsd;
    createdAt;
    updatedAt;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_budget_scopes' }),
    __metadata("design:type", String)
], BudgetScopeEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'kind', type: 'varchar', length: 30 }),
    __metadata("design:type", String)
], BudgetScopeEntity.prototype, "kind", void 0);
__decorate([
    Column({ name: 'key', type: 'varchar', length: 100 }),
    __metadata("design:type", String)
], BudgetScopeEntity.prototype, "key", void 0);
__decorate([
    Column({ name: 'limit_usd', type: 'numeric', precision: 20, scale: 10, nullable: true }),
    __metadata("design:type", Object)
], BudgetScopeEntity.prototype, "limitUsd", void 0);
__decorate([
    Column({ name: 'spent_usd', type: 'numeric', precision: 20, scale: 10, default: 0 }),
    __metadata("design:type", String)
], BudgetScopeEntity.prototype, "spentUsd", void 0);
__decorate([
    Column({ name: 'reserved_usd', type: 'numeric', precision: 20, scale: 10, default: 0 }),
    __metadata("design:type", String)
], BudgetScopeEntity.prototype, "reservedUsd", void 0);
__decorate([
    Column({ name: 'in_doubt_usd', type: 'numeric', precision: 20, scale: 10, default: 0 }),
    __metadata("design:type", String)
], BudgetScopeEntity.prototype, "inDoubtUsd", void 0);
__decorate([
    Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], BudgetScopeEntity.prototype, "createdAt", void 0);
__decorate([
    Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], BudgetScopeEntity.prototype, "updatedAt", void 0);
BudgetScopeEntity = __decorate([
    Entity('budget_scopes'),
    Check('ck_budget_scopes_kind', oneOf('kind', BUDGET_SCOPE_KINDS)),
    Check('ck_budget_scopes_limit', '"limit_usd" >= 0'),
    Check('ck_budget_scopes_balances', '"spent_usd" >= 0 AND "reserved_usd" >= 0 AND "in_doubt_usd" >= 0'),
    Index('uq_budget_scopes_kind_key', ['kind', 'key'], { unique: true })
], BudgetScopeEntity);
export { BudgetScopeEntity };
//# sourceMappingURL=budget-scope.entity.js.map