import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { newId } from '../../database/ids.js';
import { storableJson } from '../../database/storable.js';
import { MotivationRegistry } from '../motivations/motivation-registry.js';

/** Gives every motivation its row. Rows that exist keep what they learned; replicas may seed at once. */
@Injectable()
export class MotivationSeed implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly motivations: MotivationRegistry,
  ) {}

  async onModuleInit(): Promise<void> {
    const rows = this.motivations.all.map(({ type, defaults }) => ({ id: newId(), type, ...defaults }));
    await this.database.query(
      `INSERT INTO motivational_states (id, motivation_type, urgency, satisfaction, decay_rate, boost_factor, max_urgency,
                                        base_decay_rate, base_boost_factor)
       SELECT id, type, urgency, satisfaction, "decayRate", "boostFactor", "maxUrgency", "decayRate", "boostFactor"
         FROM jsonb_to_recordset($1::jsonb) AS d(id uuid, type text, urgency float8, satisfaction float8,
                                                 "decayRate" float8, "boostFactor" float8, "maxUrgency" float8)
        WHERE NOT EXISTS (SELECT FROM motivational_states s WHERE s.motivation_type = d.type)
       ON CONFLICT (motivation_type) DO NOTHING`,
      [storableJson(rows)],
    );
  }
}
