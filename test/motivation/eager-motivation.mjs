/** Preloaded into the built NYX: one more motivation, which wants one thing at once. */
import { Motivation } from '../../dist/src/motivation/motivations/motivation.js';
import { MotivationRegistry } from '../../dist/src/motivation/motivations/motivation-registry.js';
import { notTaken } from '../../dist/src/motivation/motivations/taken-targets.sql.js';

class EagerMotivation extends Motivation {
  type = 'eager';
  description = 'Wants one thing.';
  category = 'quality';
  defaults = { urgency: 1, satisfaction: 0, decayRate: 0, boostFactor: 1, maxUrgency: 1 };

  async look(sql) {
    const rows = await sql.query(`SELECT 'wish' AS kind, '1' AS id WHERE ${notTaken('eager', "'wish:1'")}`);
    return { count: rows.length, summary: 'One wish is open', rows };
  }

  boost({ count }) {
    return count > 0 ? 0.5 : 0;
  }

  propose() {
    const prompt = 'Fulfil the wish.';
    return { target: 'wish:1', prompt, request: { input_type: 'user_prompt', content: { prompt } } };
  }
}

const { register } = MotivationRegistry.prototype;
MotivationRegistry.prototype.register = function (...motivations) {
  register.apply(this, this.find('eager') === undefined ? [new EagerMotivation(), ...motivations] : motivations);
};
