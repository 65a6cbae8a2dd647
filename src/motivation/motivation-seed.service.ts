import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../database/database.service.js';
import { newId } from '../database/ids.js';
import { DEFAULT_MOTIVATIONS } from './default-motivations.js';

/** Gives the motivations NYX has of its own their rows. Rows that exist keep what they learned; replicas may seed at once. */
@Injectable()
export class MotivationSeed implements OnModuleInit {
  constructor(private readonly database: Database) {}

  async onModuleInit(): Promise<void> {
    const rows = DEFAULT_MOTIVATIONS.map((motivation) => ({ id: newId(), ...motivation }));
    await this.database.query(
      `INSERT INTO motivational_states (id, motivation_type, urgency, satisfaction, decay_rate, boost_factor, max_urgency)
       SELECT id, "motivationType", urgency, satisfaction, "decayRate", "boostFactor", "maxUrgency"
         FROM jsonb_to_recordset($1::jsonb) AS d(id uuid, "motivationType" text, urgency float8, satisfaction float8,
                                                 "decayRate" float8, "boostFactor" float8, "maxUrgency" float8)
        WHERE NOT EXISTS (SELECT FROM motivational_states s WHERE s.motivation_type = d."motivationType")
       ON CONFLICT (motivation_type) DO NOTHING`,
      [JSON.stringify(rows)],
    );
  }
}
