/** Inputs of dead letters stand by themselves, so that a list need not read them; and lists come in pages. */
export const letterInputs = `
ALTER TABLE @dead_letter ADD COLUMN input text;
CREATE INDEX dead_letter_status ON @dead_letter (status, id COLLATE "C");
`;
