/** For lists of runs that ended or wait; those that go on are not in it, so that steps don't pay for it. */
export const runStatus = `
CREATE INDEX run_status ON @run (status, n) WHERE status NOT IN ('queued', 'running');
`;
