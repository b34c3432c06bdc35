/** Where the texts of cached calls lie; what is nearest to a new one is found in `remembered` by its key. */
export const nearby = `
CREATE TABLE @nearby (
  n bigint GENERATED ALWAYS AS IDENTITY,
  grp text NOT NULL,
  key text NOT NULL,
  vector bytea NOT NULL,
  until double precision NOT NULL,
  PRIMARY KEY (grp, key)
);
CREATE INDEX nearby_newest ON @nearby (grp, n);
CREATE INDEX nearby_until ON @nearby (until);
`;
