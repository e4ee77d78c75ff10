-- All moments are milliseconds since 1970 UTC.

-- Everything that is to be done, deliveries first of all: a delivery is the job to understand it.
-- The same thing asked for twice is one job (jobs_once). The job of a command or a message is added together with its row
-- in the table of its own, and that is there once: another key in a place of its own would be another page to write.
-- attempt counts how often it was taken, failures how often in a row that did not bring it further.
-- due_at of a waiting job is when it may start; of a running one, when its lease ends. So one index finds
-- both what is due and what was left behind by a process that died.
-- The states are checked one by one: a list of four would be put into a table of its own at each write.
CREATE TABLE jobs (
    id         INTEGER PRIMARY KEY,
    kind       TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    body       BLOB,
    state      TEXT    NOT NULL CHECK (state = 'waiting' OR state = 'running' OR state = 'done' OR state = 'parked'),
    due_at     INTEGER NOT NULL,
    attempt    INTEGER NOT NULL DEFAULT 0,
    failures   INTEGER NOT NULL DEFAULT 0,
    owner      TEXT,
    arrived_at INTEGER NOT NULL,
    ended_at   INTEGER,
    note       TEXT
) STRICT;

CREATE UNIQUE INDEX jobs_once ON jobs (kind, subject) WHERE kind <> 'command' AND kind <> 'message';
CREATE INDEX jobs_open ON jobs (due_at, id) WHERE state IN ('waiting', 'running');

-- Accepted commands: who asked for what, how far it got, and what became of it.
CREATE TABLE commands (
    id          TEXT    PRIMARY KEY,
    space_id    TEXT    NOT NULL,
    thread_root TEXT    NOT NULL,
    message_id  TEXT    NOT NULL,
    actor       TEXT    NOT NULL,
    command     TEXT    NOT NULL,
    accepted_at INTEGER NOT NULL,
    progress    TEXT,
    outcome     TEXT,
    ended_at    INTEGER
) STRICT;

-- Messages to post, as they will be posted; without a parent outside any thread. unclear_posts counts posts whose
-- answer was lost.
CREATE TABLE messages (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    space_id   TEXT    NOT NULL,
    parent_id  TEXT,
    text       TEXT    NOT NULL,
    card       TEXT,
    unclear_posts INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

-- What became of them. Apart, because a message with its card is long, and would be written once more with each change.
-- By number, so that one stands beside the other.
CREATE TABLE posts (
    message    INTEGER PRIMARY KEY REFERENCES messages (seq),
    posted_id  TEXT    NOT NULL,
    posted_at  INTEGER NOT NULL
) STRICT;

-- What happened, in order. Rows are only ever added.
CREATE TABLE audit (
    seq        INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    event      TEXT    NOT NULL,
    command_id TEXT,
    actor_id   TEXT,
    device_id  TEXT,
    entry      TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- Which person an address meant when it was first resolved.
CREATE TABLE pinned_identities (
    email     TEXT    PRIMARY KEY,
    person_id TEXT    NOT NULL,
    pinned_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row, written to see whether writing works.
CREATE TABLE health (
    id         INTEGER PRIMARY KEY,
    written_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
