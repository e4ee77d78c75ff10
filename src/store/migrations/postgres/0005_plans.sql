-- What was shown to somebody and waits for their confirmation, and what became of it. What it does (task) is frozen
-- with its hash. A code is never given twice. That time has passed is not written down: a plan that was proposed and
-- whose expires_at has come has expired.
CREATE TABLE plans (
    code        TEXT    PRIMARY KEY,
    requester   TEXT    NOT NULL,
    space_id    TEXT    NOT NULL,
    thread_root TEXT    NOT NULL,
    org_id      TEXT,
    task        TEXT    NOT NULL,
    hash        TEXT    NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    state       TEXT    NOT NULL
                CHECK (state IN ('proposed', 'confirmed', 'running', 'done', 'cancelled', 'expired')),
    moved_at    BIGINT NOT NULL
);

-- The buttons of cards, each by the SHA-256 of the reference that its card carries. One is used once.
CREATE TABLE buttons (
    ref_hash   TEXT    PRIMARY KEY,
    card_id    TEXT    NOT NULL REFERENCES messages (id),
    action     TEXT    NOT NULL,
    presser    TEXT    NOT NULL CHECK (presser IN ('requester', 'anybody')),
    requester  TEXT    NOT NULL,
    plan_code  TEXT    REFERENCES plans (code),
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    used_by    TEXT
);

CREATE INDEX buttons_of_plans ON buttons (plan_code) WHERE plan_code IS NOT NULL;
