import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who did what: rows that nobody changes or removes, each with a hash over itself and the one before it. One writer at a time, so
 * numbers have no gap and follow the order of commits.
 */
export class AuditLog1796030100000 implements MigrationInterface {
  readonly name = 'AuditLog1796030100000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `CREATE TABLE audit_log (
    id uuid NOT NULL CONSTRAINT pk_audit_log PRIMARY KEY,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    actor_id varchar(100),
    actor_name varchar(100),
    actor_kind varchar(20),
    actor_role varchar(20),
    action varchar(100) NOT NULL,
    method varchar(10) NOT NULL,
    path varchar(500) NOT NULL,
    target varchar(300),
    outcome varchar(20) NOT NULL,
    status integer,
    error_code varchar(60),
    address varchar(64),
    request_id varchar(128),
    repeated integer NOT NULL DEFAULT 1,
    hash varchar(64) NOT NULL,
    CONSTRAINT ck_audit_log_outcome CHECK ("outcome" IN ('begun', 'done', 'refused', 'failed')),
    CONSTRAINT ck_audit_log_numbers CHECK ("seq" > 0 AND "repeated" > 0 AND "status" BETWEEN 100 AND 599)
  )`,
  'CREATE UNIQUE INDEX uq_audit_log_seq ON audit_log (seq)',
  'CREATE INDEX ix_audit_log_at ON audit_log (at, id)',
  'CREATE INDEX ix_audit_log_actor ON audit_log (actor_id, at, id)',
  'CREATE INDEX ix_audit_log_action ON audit_log (action, at, id)',
  `CREATE FUNCTION audit_log_chain() RETURNS trigger LANGUAGE plpgsql AS $body$
   DECLARE before record;
   BEGIN
     PERFORM pg_advisory_xact_lock(7318007);
     SELECT seq, hash INTO before FROM audit_log ORDER BY seq DESC LIMIT 1;
     NEW.seq := coalesce(before.seq, 0) + 1;
     NEW.at := clock_timestamp();
     NEW.hash := encode(sha256(convert_to(concat_ws(chr(31), coalesce(before.hash, ''), NEW.id, NEW.seq,
       (extract(epoch FROM NEW.at) * 1000000)::bigint, coalesce(NEW.actor_id, chr(30)), coalesce(NEW.actor_name, chr(30)),
       coalesce(NEW.actor_kind, chr(30)), coalesce(NEW.actor_role, chr(30)), NEW.action, NEW.method, NEW.path,
       coalesce(NEW.target, chr(30)), NEW.outcome, coalesce(NEW.status::text, chr(30)), coalesce(NEW.error_code, chr(30)),
       coalesce(NEW.address, chr(30)), coalesce(NEW.request_id, chr(30)), NEW.repeated), 'UTF8')), 'hex');
     RETURN NEW;
   END $body$`,
  'CREATE TRIGGER audit_log_chain BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_chain()',
  `CREATE FUNCTION audit_log_stays() RETURNS trigger LANGUAGE plpgsql AS $body$
   BEGIN
     RAISE EXCEPTION 'The audit log is only ever appended to.';
   END $body$`,
  'CREATE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_stays()',
  'CREATE TRIGGER audit_log_stays_whole BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_stays()',
];

const DOWN = ['DROP TABLE audit_log', 'DROP FUNCTION audit_log_stays()', 'DROP FUNCTION audit_log_chain()'];
