-- Until when Webex has asked all calls with a credential to wait: for all processes, and for the next start.
CREATE TABLE pauses (
    credential TEXT    PRIMARY KEY,
    ends_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
