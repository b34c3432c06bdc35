/** When a file was stored last: it is kept for a while although nobody uses it yet. */
export const uploads = `
CREATE TABLE @upload (hash text PRIMARY KEY, at double precision NOT NULL);
CREATE INDEX upload_at ON @upload (at);
`;
