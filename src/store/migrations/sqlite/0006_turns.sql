-- What one process at a time may do: whose turn it is, and until when at most.
CREATE TABLE turns (
    name    TEXT    PRIMARY KEY,
    owner   TEXT    NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
