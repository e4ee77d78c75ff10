-- The tokens of a Service App, by its client id. sealed is ciphertext: no token is here in the clear.
-- generation counts the pairs that were kept. Who wants to renew claims the row for a while, and keeps the new
-- pair only if the generation is still the one it was renewed from.
CREATE TABLE credentials (
    client_id     TEXT    PRIMARY KEY,
    generation    INTEGER NOT NULL,
    sealed        BLOB,
    claimed_by    TEXT,
    claimed_until INTEGER
) STRICT, WITHOUT ROWID;

-- Digests of the refresh tokens from the settings that have been used: one that is not here is new, and goes
-- before what is sealed.
CREATE TABLE credential_seeds (
    client_id TEXT NOT NULL,
    digest    TEXT NOT NULL,
    PRIMARY KEY (client_id, digest)
) STRICT, WITHOUT ROWID;
