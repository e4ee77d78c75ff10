-- All moments are milliseconds since 1970 UTC.

-- Everything that is to be done, deliveries first of all: a delivery is the job to understand it.
-- The same thing asked for twice is one job (jobs_once). The job of a command or a message is added together with its row
-- in the table of its own, and that is there once: another key in a place of its own would be another page to write.
-- attempt counts how often it was taken, failures how often in a row that did not bring it further.
-- due_at of a waiting job is when it may start; of a running one, when its lease ends. So one index finds
-- both what is due and what was left behind by a process that died.
CREATE TABLE jobs (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    body       BYTEA,
    state      TEXT    NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'parked')),
    due_at     BIGINT NOT NULL,
    attempt    BIGINT NOT NULL DEFAULT 0,
    failures   BIGINT NOT NULL DEFAULT 0,
    owner      TEXT,
    arrived_at BIGINT NOT NULL,
    ended_at   BIGINT,
    note       TEXT
);

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
    accepted_at BIGINT NOT NULL,
    progress    TEXT,
    outcome     TEXT,
    ended_at    BIGINT
);

-- Messages to post, as they will be posted; without a parent outside any thread. unclear_posts counts posts whose
-- answer was lost.
CREATE TABLE messages (
    seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    space_id   TEXT    NOT NULL,
    parent_id  TEXT,
    text       TEXT    NOT NULL,
    card       TEXT,
    unclear_posts BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

-- What became of them. Apart, because a message with its card is long, and would be written once more with each change.
-- By number, so that one stands beside the other.
CREATE TABLE posts (
    message    BIGINT PRIMARY KEY REFERENCES messages (seq),
    posted_id  TEXT    NOT NULL,
    posted_at  BIGINT NOT NULL
);

-- What happened, in order. Rows are only ever added.
CREATE TABLE audit (
    seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         BIGINT NOT NULL,
    event      TEXT    NOT NULL,
    command_id TEXT,
    actor_id   TEXT,
    device_id  TEXT,
    entry      TEXT    NOT NULL
);

CREATE FUNCTION the_audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END
$$;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION the_audit_log_is_append_only();

-- Which person an address meant when it was first resolved.
CREATE TABLE pinned_identities (
    email     TEXT    PRIMARY KEY,
    person_id TEXT    NOT NULL,
    pinned_at BIGINT NOT NULL
);

-- One row, written to see whether writing works.
CREATE TABLE health (
    id         BIGINT PRIMARY KEY,
    written_at BIGINT NOT NULL
);
