import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The oldest entries of the audit log may go when their last one is the anchor, from which what is left is verified. The anchor is
 * an entry that is there and at least a day old, an entry after it tells of it, and it only moves on.
 */
export class AuditRetention1796101000100 implements MigrationInterface {
  readonly name = 'AuditRetention1796101000100';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `CREATE TABLE audit_anchor (
    id integer NOT NULL CONSTRAINT pk_audit_anchor PRIMARY KEY,
    seq bigint NOT NULL,
    hash varchar(64) NOT NULL,
    told_seq bigint NOT NULL,
    cut_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_audit_anchor_one CHECK ("id" = 1)
  )`,
  // Of a log that was cut before this migration was taken back: what tells of the anchor tells all of it. Before the triggers, for the entry itself went.
  `INSERT INTO audit_anchor (id, seq, hash, told_seq, cut_at)
   SELECT 1, told.anchor[1]::bigint, told.anchor[2], told.seq, told.at
     FROM (SELECT seq, at, regexp_match(target, '^seq=(\\d+) hash=([0-9a-f]{64})$') AS anchor
             FROM audit_log WHERE action = 'retentionCutsAuditLog' AND actor_id IS NULL ORDER BY seq DESC LIMIT 1) told
    WHERE told.anchor[1]::bigint = (SELECT min(seq) - 1 FROM audit_log)`,
  `CREATE FUNCTION audit_anchor_moves() RETURNS trigger LANGUAGE plpgsql AS $body$
   BEGIN
     IF TG_OP = 'UPDATE' THEN
       IF NEW.seq <= OLD.seq THEN RAISE EXCEPTION 'The anchor of the audit log only moves on.'; END IF;
     END IF;
     IF NOT EXISTS (SELECT FROM audit_log WHERE seq = NEW.seq AND hash = NEW.hash AND at < now() - interval '1 day') THEN
       RAISE EXCEPTION 'The anchor of the audit log is one of its entries, and older than a day.';
     END IF;
     IF NOT EXISTS (SELECT FROM audit_log WHERE seq = NEW.told_seq AND seq > NEW.seq AND action = 'retentionCutsAuditLog'
                       AND actor_id IS NULL AND target = concat('seq=', NEW.seq, ' hash=', NEW.hash)) THEN
       RAISE EXCEPTION 'An entry of the audit log tells of its anchor.';
     END IF;
     RETURN NEW;
   END $body$`,
  `CREATE TRIGGER audit_anchor_moves BEFORE INSERT OR UPDATE ON audit_anchor FOR EACH ROW EXECUTE FUNCTION audit_anchor_moves()`,
  `CREATE FUNCTION audit_anchor_stays() RETURNS trigger LANGUAGE plpgsql AS $body$
   BEGIN
     RAISE EXCEPTION 'The anchor of the audit log only moves on.';
   END $body$`,
  `CREATE TRIGGER audit_anchor_stays BEFORE DELETE ON audit_anchor FOR EACH ROW EXECUTE FUNCTION audit_anchor_stays()`,
  `CREATE TRIGGER audit_anchor_stays_whole BEFORE TRUNCATE ON audit_anchor FOR EACH STATEMENT EXECUTE FUNCTION audit_anchor_stays()`,
  `CREATE OR REPLACE FUNCTION audit_log_stays() RETURNS trigger LANGUAGE plpgsql AS $body$
   BEGIN
     IF TG_OP = 'DELETE' THEN
       IF EXISTS (SELECT FROM audit_anchor WHERE seq >= OLD.seq) THEN RETURN OLD; END IF;
     END IF;
     RAISE EXCEPTION 'The audit log is only ever appended to.';
   END $body$`,
];

const DOWN = [
  `CREATE OR REPLACE FUNCTION audit_log_stays() RETURNS trigger LANGUAGE plpgsql AS $body$
   BEGIN
     RAISE EXCEPTION 'The audit log is only ever appended to.';
   END $body$`,
  'DROP TABLE audit_anchor',
  'DROP FUNCTION audit_anchor_stays()',
  'DROP FUNCTION audit_anchor_moves()',
];
