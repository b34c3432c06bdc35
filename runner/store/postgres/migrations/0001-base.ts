/**
 * Never changed once it was released; what comes later is a new migration. `@run` stands for the table `run` in the store's schema.
 *
 * - `batch` is the history, one row per step, only ever added to.
 * - `run` is the head: no index stands on what changes with every step, and its pages keep room, so that a step's update stays
 *   within its page.
 * - `flush` names the transactions that were committed, for those who never heard the answer.
 * - `turn` says when the last run of a fairness key has its turn.
 * - `payload` holds what is too large to stand in a row, once per content; `payload_use` who refers to it.
 * - `hold` has the flow '' when all flows are held.
 * - `log_end` is the number of the last event: whoever publishes locks it until the commit, so that events become visible in order.
 */
export const base = `
CREATE TABLE @plan (hash text PRIMARY KEY, body text NOT NULL);

CREATE TABLE @run (
  n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE,
  flow text NOT NULL,
  plan text NOT NULL,
  status text NOT NULL,
  priority integer NOT NULL,
  place double precision NOT NULL,
  created_at double precision NOT NULL,
  ended_at double precision,
  seq integer NOT NULL,
  epoch integer NOT NULL,
  owner text,
  wake_at double precision,
  waits_for text,
  output text,
  error text,
  cost double precision NOT NULL,
  tokens_in bigint NOT NULL,
  tokens_out bigint NOT NULL,
  start_key text
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE UNIQUE INDEX run_start_key ON @run (start_key) WHERE start_key IS NOT NULL;
CREATE INDEX run_ready ON @run (place, n) WHERE owner IS NULL AND status IN ('queued', 'running');
CREATE INDEX run_owner ON @run (owner) WHERE owner IS NOT NULL;
CREATE INDEX run_wake ON @run (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX run_ended ON @run (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX run_standing ON @run (n) WHERE status = 'waiting' AND wake_at IS NULL AND ended_at IS NULL;
CREATE INDEX run_flow ON @run (flow, n);

CREATE TABLE @batch (run bigint NOT NULL, last_seq integer NOT NULL, body text NOT NULL, PRIMARY KEY (run, last_seq));
CREATE TABLE @snapshot (run bigint PRIMARY KEY, seq integer NOT NULL, state text NOT NULL);
CREATE TABLE @payload (hash text PRIMARY KEY, encoding smallint NOT NULL, bytes bytea NOT NULL);
ALTER TABLE @payload ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE TABLE @payload_use (hash text NOT NULL, used_by text NOT NULL, PRIMARY KEY (hash, used_by));
CREATE INDEX payload_use_used_by ON @payload_use (used_by);
CREATE TABLE @flush (uid text PRIMARY KEY, at double precision NOT NULL);
CREATE INDEX flush_at ON @flush (at);

CREATE TABLE @session (id text PRIMARY KEY, until double precision NOT NULL) WITH (fillfactor = 50);
CREATE INDEX session_until ON @session (until);
CREATE TABLE @turn (key text PRIMARY KEY, run text NOT NULL, at double precision NOT NULL) WITH (fillfactor = 50);

CREATE TABLE @slot (key text NOT NULL, run bigint NOT NULL, PRIMARY KEY (key, run));
CREATE INDEX slot_run ON @slot (run);
CREATE TABLE @slot_wait (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL, slots integer NOT NULL, run bigint NOT NULL);
CREATE INDEX slot_wait_run ON @slot_wait (run);
CREATE INDEX slot_wait_key ON @slot_wait (key, n);

CREATE TABLE @inbox (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE, run bigint NOT NULL, kind text NOT NULL, body text NOT NULL);
CREATE INDEX inbox_run ON @inbox (run, n);
CREATE TABLE @awaited (run bigint NOT NULL, path text NOT NULL, topic text NOT NULL, PRIMARY KEY (run, path));
CREATE INDEX awaited_topic ON @awaited (topic);
CREATE INDEX awaited_pattern ON @awaited (run) WHERE strpos(topic, '*') > 0;
CREATE TABLE @task (run bigint NOT NULL, path text NOT NULL, body text NOT NULL, PRIMARY KEY (run, path));

CREATE TABLE @state (
  flow text NOT NULL,
  name text NOT NULL,
  key text NOT NULL,
  value text NOT NULL,
  at double precision NOT NULL,
  PRIMARY KEY (flow, name, key)
);
CREATE TABLE @remembered (key text PRIMARY KEY, value text NOT NULL, until double precision NOT NULL);
CREATE INDEX remembered_until ON @remembered (until);
CREATE TABLE @dead_letter (
  id text PRIMARY KEY,
  run text NOT NULL,
  queue text NOT NULL,
  status text NOT NULL,
  body text NOT NULL,
  reason text
);
CREATE INDEX dead_letter_queue ON @dead_letter (queue, status);
CREATE INDEX dead_letter_run ON @dead_letter (run);

CREATE TABLE @schedule (
  id text PRIMARY KEY,
  program text NOT NULL,
  flow text NOT NULL,
  plan text NOT NULL,
  trigger integer NOT NULL,
  since double precision NOT NULL,
  paused boolean NOT NULL,
  decided_until double precision NOT NULL
);
CREATE TABLE @tick (
  schedule text NOT NULL,
  at double precision NOT NULL,
  outcome text NOT NULL,
  reason text,
  run text,
  PRIMARY KEY (schedule, at)
);
CREATE INDEX tick_at ON @tick (at);

CREATE TABLE @event_log (n bigint PRIMARY KEY, id text NOT NULL UNIQUE, at double precision NOT NULL, body text NOT NULL);
CREATE TABLE @log_end (one boolean PRIMARY KEY CHECK (one), n bigint NOT NULL);
INSERT INTO @log_end VALUES (true, 0);
CREATE TABLE @log_cursor (consumer text PRIMARY KEY, n bigint NOT NULL);

CREATE TABLE @deployment (
  program text PRIMARY KEY,
  plan text NOT NULL,
  environment text NOT NULL,
  folder text NOT NULL,
  mocked boolean NOT NULL,
  at double precision NOT NULL
);
CREATE TABLE @hold (flow text PRIMARY KEY, reason text NOT NULL, at double precision NOT NULL);

CREATE TABLE @permit (key text NOT NULL, holder text NOT NULL, session text NOT NULL, PRIMARY KEY (key, holder));
CREATE INDEX permit_holder ON @permit (holder);
CREATE TABLE @permit_use (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL, at double precision NOT NULL);
CREATE INDEX permit_use_key ON @permit_use (key, at);
CREATE TABLE @office (name text PRIMARY KEY, owner text NOT NULL, fence integer NOT NULL, until double precision NOT NULL);
`;
