/** Calls of flows take slots, too: each by the path of its wait; the path of a run's own is ''. */
export const callSlots = `
ALTER TABLE @slot ADD COLUMN path text NOT NULL DEFAULT '';
ALTER TABLE @slot DROP CONSTRAINT slot_pkey;
ALTER TABLE @slot ADD PRIMARY KEY (key, run, path);
ALTER TABLE @slot_wait ADD COLUMN path text NOT NULL DEFAULT '';
DROP INDEX @slot_run;
DROP INDEX @slot_wait_run;
CREATE INDEX slot_run ON @slot (run, path);
CREATE INDEX slot_wait_run ON @slot_wait (run, path);
`;
