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
import { MESSAGE_TYPES } from './agent.values.js';
let AgentCommunicationEntity = class AgentCommunicationEntity {
    id;
    senderAgentId;
    receiverAgentId;
    thoughtTreeId;
    messageType;
    content;
    sentAt;
    receivedAt;
    delivered;
    processed;
};
__decorate([
    PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_agent_communications' }),
    __metadata("design:type", String)
], AgentCommunicationEntity.prototype, "id", void 0);
__decorate([
    Column({ name: 'sender_agent_id', type: 'uuid' }),
    ForeignKey('AgentEntity', { name: 'fk_agent_communications_sender', onDelete: 'CASCADE' }),
    __metadata("design:type", String)
], AgentCommunicationEntity.prototype, "senderAgentId", void 0);
__decorate([
    Column({ name: 'receiver_agent_id', type: 'uuid', nullable: true }),
    ForeignKey('AgentEntity', { name: 'fk_agent_communications_receiver', onDelete: 'CASCADE' }),
    __metadata("design:type", Object)
], AgentCommunicationEntity.prototype, "receiverAgentId", void 0);
__decorate([
    Column({ name: 'thought_tree_id', type: 'uuid' }),
    ForeignKey('ThoughtTreeEntity', { name: 'fk_agent_communications_thought', onDelete: 'CASCADE' }),
    __metadata("design:type", String)
], AgentCommunicationEntity.prototype, "thoughtTreeId", void 0);
__decorate([
    Column({ name: 'message_type', type: 'varchar', length: 30 }),
    __metadata("design:type", String)
], AgentCommunicationEntity.prototype, "messageType", void 0);
__decorate([
    Column({ name: 'content', type: 'jsonb', default: () => "'{}'" }),
    __metadata("design:type", Object)
], AgentCommunicationEntity.prototype, "content", void 0);
__decorate([
    Column({ name: 'sent_at', type: 'timestamptz', default: () => 'now()' }),
    __metadata("design:type", Date)
], AgentCommunicationEntity.prototype, "sentAt", void 0);
__decorate([
    Column({ name: 'received_at', type: 'timestamptz', nullable: true }),
    __metadata("design:type", Object)
], AgentCommunicationEntity.prototype, "receivedAt", void 0);
__decorate([
    Column({ name: 'delivered', type: 'boolean', default: false }),
    __metadata("design:type", Boolean)
], AgentCommunicationEntity.prototype, "delivered", void 0);
__decorate([
    Column({ name: 'processed', type: 'boolean', default: false }),
    __metadata("design:type", Boolean)
], AgentCommunicationEntity.prototype, "processed", void 0);
AgentCommunicationEntity = __decorate([
    Entity('agent_communications'),
    Check('ck_agent_communications_type', oneOf('message_type', MESSAGE_TYPES)),
    Index('ix_agent_communications_sender', ['senderAgentId']),
    Index('ix_agent_communications_receiver', ['receiverAgentId'], { where: 'NOT processed' }),
    Index('ix_agent_communications_thought', ['thoughtTreeId'])
], AgentCommunicationEntity);
export { AgentCommunicationEntity };
//# sourceMappingURL=agent-communication.entity.js.map