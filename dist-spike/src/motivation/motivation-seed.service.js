var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.service.js';
import { newId } from '../database/ids.js';
import { DEFAULT_MOTIVATIONS } from './default-motivations.js';
/** Gives the motivations NYX has of its own their rows. Rows that exist keep what they learned; replicas may seed at once. */
let MotivationSeed = class MotivationSeed {
    database;
    constructor(database) {
        this.database = database;
    }
    async onModuleInit() {
        const rows = DEFAULT_MOTIVATIONS.map((motivation) => ({ id: newId(), ...motivation }));
        await this.database.query(`INSERT INTO motivational_states (id, motivation_type, urgency, satisfaction, decay_rate, boost_factor, max_urgency)
       SELECT id, "motivationType", urgency, satisfaction, "decayRate", "boostFactor", "maxUrgency"
         FROM jsonb_to_recordset($1::jsonb) AS d(id uuid, "motivationType" text, urgency float8, satisfaction float8,
                                                 "decayRate" float8, "boostFactor" float8, "maxUrgency" float8)
        WHERE NOT EXISTS (SELECT FROM motivational_states s WHERE s.motivation_type = d."motivationType")
       ON CONFLICT (motivation_type) DO NOTHING`, [JSON.stringify(rows)]);
    }
};
MotivationSeed = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Database])
], MotivationSeed);
export { MotivationSeed };
//# sourceMappingURL=motivation-seed.service.js.map