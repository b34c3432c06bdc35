/** Deployments of a program are numbered, so that one who has not seen the newest can't replace it. */
export const editions = `
ALTER TABLE @deployment ADD COLUMN edition integer NOT NULL DEFAULT 1;
`;
