-- One row: when Steward was last up, and when it last knew that Webex delivers to it.
CREATE TABLE attendance (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    attended_at INTEGER,
    tended_at   INTEGER
) STRICT, WITHOUT ROWID;

-- When a person was last told how commands are written.
CREATE TABLE hints (
    person_id TEXT    PRIMARY KEY,
    given_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What operators look at.
CREATE INDEX jobs_parked ON jobs (id) WHERE state = 'parked';
