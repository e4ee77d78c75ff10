-- What operators look at.
CREATE INDEX jobs_parked ON jobs (id) WHERE state = 'parked';
