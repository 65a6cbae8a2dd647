var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { ApiProperty } from '@nestjs/swagger';
const fraction = (example, description) => ({ type: Number, minimum: 0, maximum: 1, example, description });
const count = { type: 'integer', minimum: 0, example: 0 };
const moment = (description) => ({ type: String, format: 'date-time', nullable: true, example: null, description });
export class MotivationalStateDto {
    motivation_type;
    urgency;
    satisfaction;
    arbitration_score;
    success_rate;
    total_attempts;
    success_count;
    failure_count;
    is_active;
    last_triggered;
    last_satisfied;
    decay_rate;
    boost_factor;
    max_urgency;
}
__decorate([
    ApiProperty({ type: String, example: 'maximize_coverage' }),
    __metadata("design:type", String)
], MotivationalStateDto.prototype, "motivation_type", void 0);
__decorate([
    ApiProperty(fraction(0.1)),
    __metadata("design:type", Number)
], MotivationalStateDto.prototype, "urgency", void 0);
__decorate([
    ApiProperty(fraction(0.6)),
    __metadata("design:type", Number)
], MotivationalStateDto.prototype, "satisfaction", void 0);
__decorate([
    ApiProperty(fraction(0.04, 'How much it asks to be served now.')),
    __metadata("design:type", Number)
], MotivationalStateDto.prototype, "arbitration_score", void 0);
__decorate([
    ApiProperty(fraction(0)),
    __metadata("design:type", Number)
], MotivationalStateDto.prototype, "success_rate", void 0);
__decorate([
    ApiProperty(count),
    __metadata("design:type", Number)
], MotivationalStateDto.prototype, "total_attempts", void 0);
__decorate([
    ApiProperty(count),
    __metadata("design:type", Number)
], MotivationalStateDto.prototype, "success_count", void 0);
__decorate([
    ApiProperty(count),
    __metadata("design:type", Number)
], MotivationalStateDto.prototype, "failure_count", void 0);
__decorate([
    ApiProperty({ type: Boolean, example: true }),
    __metadata("design:type", Boolean)
], MotivationalStateDto.prototype, "is_active", void 0);
__decorate([
    ApiProperty(moment('When its last task was spawned.')),
    __metadata("design:type", Object)
], MotivationalStateDto.prototype, "last_triggered", void 0);
__decorate([
    ApiProperty(moment('When a task of it last succeeded.')),
    __metadata("design:type", Object)
], MotivationalStateDto.prototype, "last_satisfied", void 0);
__decorate([
    ApiProperty({ type: Number, minimum: 0, example: 0.01, description: 'Loss of urgency in 30 s.' }),
    __metadata("design:type", Number)
], MotivationalStateDto.prototype, "decay_rate", void 0);
__decorate([
    ApiProperty({ type: Number, minimum: 0, example: 1 }),
    __metadata("design:type", Number)
], MotivationalStateDto.prototype, "boost_factor", void 0);
__decorate([
    ApiProperty(fraction(1)),
    __metadata("design:type", Number)
], MotivationalStateDto.prototype, "max_urgency", void 0);
export class MotivationalStatesDto {
    total_active_states;
    states;
    engine_running;
    timestamp;
}
__decorate([
    ApiProperty({ type: 'integer', minimum: 0, example: 6 }),
    __metadata("design:type", Number)
], MotivationalStatesDto.prototype, "total_active_states", void 0);
__decorate([
    ApiProperty({ type: [MotivationalStateDto] }),
    __metadata("design:type", Array)
], MotivationalStatesDto.prototype, "states", void 0);
__decorate([
    ApiProperty({ type: Boolean, example: false }),
    __metadata("design:type", Boolean)
], MotivationalStatesDto.prototype, "engine_running", void 0);
__decorate([
    ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' }),
    __metadata("design:type", String)
], MotivationalStatesDto.prototype, "timestamp", void 0);
//# sourceMappingURL=motivational-states.dto.js.map