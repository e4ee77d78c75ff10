-- A message may stand outside any thread: a greeting answers nobody. SQLite cannot take NOT NULL off a column.
CREATE TABLE messages_anew (
    id         TEXT    PRIMARY KEY,
    space_id   TEXT    NOT NULL,
    parent_id  TEXT,
    text       TEXT    NOT NULL,
    card       TEXT,
    unclear_posts INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    posted_id  TEXT,
    posted_at  INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO messages_anew (id, space_id, parent_id, text, card, unclear_posts, created_at, posted_id, posted_at)
SELECT id, space_id, parent_id, text, card, unclear_posts, created_at, posted_id, posted_at FROM messages;
DROP TABLE messages;
ALTER TABLE messages_anew RENAME TO messages;

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
