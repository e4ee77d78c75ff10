-- Named locks: each is held by one owner and expires by itself. They replace turns and the claims of renewals.
CREATE TABLE locks (
    name       TEXT    PRIMARY KEY,
    owner      TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO locks (name, owner, expires_at) SELECT name, owner, ends_at FROM turns;
INSERT INTO locks (name, owner, expires_at)
SELECT 'renewal:' || client_id, claimed_by, claimed_until
  FROM credentials WHERE claimed_by IS NOT NULL AND claimed_until IS NOT NULL;

DROP TABLE turns;
ALTER TABLE credentials DROP COLUMN claimed_by;
ALTER TABLE credentials DROP COLUMN claimed_until;
