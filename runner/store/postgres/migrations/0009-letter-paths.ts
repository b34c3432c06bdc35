/** Of the thousands of dead letters that a run may have, those of an item, or of no item, are found without reading the others. */
export const letterPaths = `
ALTER TABLE @dead_letter ADD COLUMN path text;
UPDATE @dead_letter SET path = body::json ->> 'path';
DROP INDEX @dead_letter_run;
CREATE INDEX dead_letter_run ON @dead_letter (run, path);
`;
