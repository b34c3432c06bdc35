/** `usage` has a row per call that cost something; it stays when its run goes. */
export const usage = `
CREATE TABLE @usage (
  at double precision NOT NULL,
  run text NOT NULL,
  seq integer NOT NULL,
  flow text NOT NULL,
  callee text NOT NULL,
  model text,
  tokens_in bigint NOT NULL,
  tokens_out bigint NOT NULL,
  cost double precision NOT NULL,
  PRIMARY KEY (run, seq)
);
CREATE INDEX usage_at ON @usage (at);
`;
