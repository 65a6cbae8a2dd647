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
import { BUDGET_LEDGER_STATUSES } from './budget.values.js';
let BudgetLedgerEntity = class BudgetLedgerEntity {
    id;
    interactionId;
    scopeIds;
    executorId;
    status;
    reservedUsd;
    actualUsd;
    reservedAt;
    settledAt;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_budget_ledger' }),
    __metadata("design:type", String)
], BudgetLedgerEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'interaction_id', type: 'uuid' }),
    __metadata("design:type", String)
], BudgetLedgerEntity.prototype, "interactionId", void 0);
__decorate([
    Column({ name: 'scope_ids', type: 'uuid', array: true }),
    __metadata("design:type", Array)
], BudgetLedgerEntity.prototype, "scopeIds", void 0);
__decorate([
    Column({ name: 'executor_id', type: 'varchar', length: 100 }),
    __metadata("design:type", String)
], BudgetLedgerEntity.prototype, "executorId", void 0);
__decorate([
    Column({ name: 'status', type: 'varchar', length: 20 }),
    __metadata("design:type", String)
], BudgetLedgerEntity.prototype, "status", void 0);
__decorate([
    Column({ name: 'reserved_usd', type: 'numeric', precision: 20, scale: 10 }),
    __metadata("design:type", String)
], BudgetLedgerEntity.prototype, "reservedUsd", void 0);
__decorate([
    Column({ name: 'actual_usd', type: 'numeric', precision: 20, scale: 10, nullable: true }),
    __metadata("design:type", Object)
], BudgetLedgerEntity.prototype, "actualUsd", void 0);
__decorate([
    Column({ name: 'reserved_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], BudgetLedgerEntity.prototype, "reservedAt", void 0);
__decorate([
    Column({ name: 'settled_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], BudgetLedgerEntity.prototype, "settledAt", void 0);
BudgetLedgerEntity = __decorate([
    Entity('budget_ledger'),
    Check('ck_budget_ledger_status', oneOf('status', BUDGET_LEDGER_STATUSES)),
    Check('ck_budget_ledger_amounts', '"reserved_usd" >= 0 AND "actual_usd" >= 0'),
    Index('uq_budget_ledger_interaction', ['interactionId'], { unique: true }),
    Index('ix_budget_ledger_open', ['executorId', 'reservedAt'], { where: "status IN ('reserved', 'in_doubt')" })
], BudgetLedgerEntity);
export { BudgetLedgerEntity };
//# sourceMappingURL=budget-ledger.entity.js.map