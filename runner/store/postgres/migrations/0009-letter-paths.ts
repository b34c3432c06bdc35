/**
 * Of the thousands of dead letters that a run may have, those of an item, or of no item, are found without reading the others. The path of
 * an old one stands in front of its input, which is not read: it may hold what PostgreSQL refuses to take out of JSON, such as U+0000.
 */
export const letterPaths = String.raw`
ALTER TABLE @dead_letter ADD COLUMN path text;
UPDATE @dead_letter SET path = substring(body from '"path":(null|"(?:[^"\\]|\\.)*")')::json #>> '{}';
DROP INDEX @dead_letter_run;
CREATE INDEX dead_letter_run ON @dead_letter (run, path);
`;
