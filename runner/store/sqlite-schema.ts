/** Marks a file as a store of agentflow: "agfl" in ASCII. */
export const applicationId = 0x6167666c;

/**
 * Each entry brings a store from the version of its index to the next; entries are only ever added.
 *
 * - `batch` is the history. Events that became durable together are one row, found by run and last number; the progress of
 *   a run stands in its newest row, so a step adds one row and changes none. New rows go to the end of the table, so a
 *   flush of a hundred runs touches a handful of pages and not a hundred.
 * - `run` changes when a run is claimed, waits, or ends. Those that can go on do so in the order of `place`.
 * - `event_log` holds what was published; a row without a body stands for an event that was published before there was a log.
 * - `hold` has a row without a flow when all flows are held.
 * - `slot` and `slot_wait` are of runs, whose path is '', and of calls in them.
 * - `stolen` says which runs of a session others have taken: a session that finds nothing there still owns what it claimed.
 * - `run_status` is for lists of what ended or waits; those that go on are found by `run_active`.
 * - `nearby` says where the texts of cached calls lie; what is nearest to a new one is found in `remembered` by its key.
 * - `dead_letter` has the input of a letter by itself, so that a list need not read it; in older rows it is in the body.
 * - `upload` says when a file was stored last: it is kept for a while although nobody uses it yet.
 * - `payload` holds what is too large to stand in a row, once per content, and `payload_use` who refers to it. `encoding` 0 is as it is, 1 is deflated.
 *
 * A new change stands at the end: a store knows by their number which ones it has had.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE plan (hash TEXT PRIMARY KEY, body TEXT NOT NULL);

  CREATE TABLE run (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    flow TEXT NOT NULL,
    plan TEXT NOT NULL,
    status TEXT NOT NULL,
    priority INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    epoch INTEGER NOT NULL,
    owner TEXT,
    wake_at INTEGER,
    waits_for TEXT,
    output TEXT,
    error TEXT,
    start_key TEXT
  );
  CREATE UNIQUE INDEX run_start_key ON run (start_key) WHERE start_key IS NOT NULL;
  CREATE INDEX run_active ON run (priority DESC, n) WHERE status IN ('queued', 'running');
  CREATE INDEX run_wake ON run (wake_at) WHERE wake_at IS NOT NULL;

  CREATE TABLE batch (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    cost REAL NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    body TEXT NOT NULL
  );
  CREATE UNIQUE INDEX batch_run ON batch (run, last_seq);

  CREATE TABLE snapshot (run INTEGER PRIMARY KEY, seq INTEGER NOT NULL, state TEXT NOT NULL);
  CREATE TABLE payload (hash TEXT PRIMARY KEY, encoding INTEGER NOT NULL, bytes BLOB NOT NULL);

  CREATE TABLE session (id TEXT PRIMARY KEY, until INTEGER NOT NULL, thefts INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE stolen (session TEXT NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (session, run)) WITHOUT ROWID;

  CREATE TABLE slot (key TEXT NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (key, run)) WITHOUT ROWID;
  CREATE INDEX slot_run ON slot (run);
  CREATE TABLE slot_wait (n INTEGER PRIMARY KEY, key TEXT NOT NULL, slots INTEGER NOT NULL, run INTEGER NOT NULL);
  CREATE INDEX slot_wait_run ON slot_wait (run);
  CREATE INDEX slot_wait_key ON slot_wait (key, n);

  CREATE TABLE inbox (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, run INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX inbox_run ON inbox (run);
  CREATE TABLE published (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE awaited (run INTEGER NOT NULL, path TEXT NOT NULL, topic TEXT NOT NULL, PRIMARY KEY (run, path)) WITHOUT ROWID;
  CREATE INDEX awaited_topic ON awaited (topic);
  CREATE TABLE task (run INTEGER NOT NULL, path TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (run, path)) WITHOUT ROWID;

  CREATE TABLE state (
    flow TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (flow, name, key)
  ) WITHOUT ROWID;
  CREATE TABLE remembered (key TEXT PRIMARY KEY, value TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX remembered_until ON remembered (until);
  CREATE TABLE dead_letter (
    id TEXT PRIMARY KEY,
    run TEXT NOT NULL,
    queue TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    reason TEXT
  );
  CREATE INDEX dead_letter_queue ON dead_letter (queue, status);
  `,
  `
  ALTER TABLE run ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
  UPDATE run SET place = created_at - priority * 60000 WHERE ended_at IS NULL;
  DROP INDEX run_active;
  CREATE INDEX run_active ON run (place, n) WHERE status IN ('queued', 'running');

  CREATE TABLE schedule (
    id TEXT PRIMARY KEY,
    program TEXT NOT NULL,
    flow TEXT NOT NULL,
    plan TEXT NOT NULL,
    trigger INTEGER NOT NULL,
    since INTEGER NOT NULL,
    paused INTEGER NOT NULL,
    decided_until INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE tick (
    schedule TEXT NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    run TEXT,
    PRIMARY KEY (schedule, at)
  ) WITHOUT ROWID;

  CREATE TABLE event_log (n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, body TEXT);
  INSERT INTO event_log (id, at) SELECT id, at FROM published;
  DROP TABLE published;
  CREATE TABLE log_cursor (consumer TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE deployment (
    program TEXT PRIMARY KEY,
    plan TEXT NOT NULL,
    environment TEXT NOT NULL,
    folder TEXT NOT NULL,
    mocked INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE hold (flow TEXT UNIQUE, reason TEXT NOT NULL, at INTEGER NOT NULL);

  CREATE TABLE permit (key TEXT NOT NULL, holder TEXT NOT NULL, session TEXT NOT NULL, PRIMARY KEY (key, holder)) WITHOUT ROWID;
  CREATE INDEX permit_holder ON permit (holder);
  CREATE TABLE permit_use (n INTEGER PRIMARY KEY, key TEXT NOT NULL, at INTEGER NOT NULL);
  CREATE INDEX permit_use_key ON permit_use (key, at);
  `,
  `
  CREATE TABLE office (name TEXT PRIMARY KEY, owner TEXT NOT NULL, fence INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE payload_use (hash TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (hash, user)) WITHOUT ROWID;
  CREATE INDEX payload_use_user ON payload_use (user);
  INSERT INTO payload_use SELECT hash, 'before' FROM payload;
  CREATE INDEX run_ended ON run (ended_at) WHERE ended_at IS NOT NULL;
  CREATE INDEX dead_letter_run ON dead_letter (run);
  `,
  `
  CREATE TABLE usage (
    at INTEGER NOT NULL,
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    flow TEXT NOT NULL,
    callee TEXT NOT NULL,
    model TEXT,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    cost REAL NOT NULL,
    PRIMARY KEY (run, seq)
  ) WITHOUT ROWID;
  CREATE INDEX usage_at ON usage (at);
  `,
  `
  CREATE INDEX run_status ON run (status, n) WHERE status NOT IN ('queued', 'running');
  CREATE INDEX run_standing ON run (n) WHERE status = 'waiting' AND wake_at IS NULL AND ended_at IS NULL;
  CREATE INDEX run_flow ON run (flow, n);
  `,
  `
  CREATE TABLE slot_held (key TEXT NOT NULL, run INTEGER NOT NULL, path TEXT NOT NULL, PRIMARY KEY (key, run, path)) WITHOUT ROWID;
  INSERT INTO slot_held SELECT key, run, '' FROM slot;
  DROP TABLE slot;
  ALTER TABLE slot_held RENAME TO slot;
  CREATE INDEX slot_run ON slot (run, path);
  ALTER TABLE slot_wait ADD COLUMN path TEXT NOT NULL DEFAULT '';
  DROP INDEX slot_wait_run;
  CREATE INDEX slot_wait_run ON slot_wait (run, path);
  `,
  `
  CREATE TABLE nearby (n INTEGER PRIMARY KEY, grp TEXT NOT NULL, key TEXT NOT NULL, vector BLOB NOT NULL, until INTEGER NOT NULL, UNIQUE (grp, key));
  CREATE INDEX nearby_until ON nearby (until);
  `,
  `
  CREATE INDEX awaited_pattern ON awaited (run) WHERE instr(topic, '*') > 0;
  `,
  `
  CREATE INDEX nearby_newest ON nearby (grp, n);
  `,
  `
  CREATE TABLE upload (hash TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX upload_at ON upload (at);
  CREATE INDEX tick_at ON tick (at);
  `,
  `
  ALTER TABLE dead_letter ADD COLUMN input TEXT;
  CREATE INDEX dead_letter_status ON dead_letter (status, id);
  `,
  `
  ALTER TABLE deployment ADD COLUMN edition INTEGER NOT NULL DEFAULT 1;
  `,
  `
  ALTER TABLE dead_letter ADD COLUMN path TEXT;
  UPDATE dead_letter SET path = json_extract(body, '$.path');
  DROP INDEX dead_letter_run;
  CREATE INDEX dead_letter_run ON dead_letter (run, path);
  `,
];
