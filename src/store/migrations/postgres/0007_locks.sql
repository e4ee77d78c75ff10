-- Named locks: each is held by one owner and expires by itself. They replace turns and the claims of renewals.
CREATE TABLE locks (
    name       TEXT   PRIMARY KEY,
    owner      TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);

INSERT INTO locks (name, owner, expires_at) SELECT name, owner, ends_at FROM turns;
INSERT INTO locks (name, owner, expires_at)
SELECT 'renewal:' || client_id, claimed_by, claimed_until
  FROM credentials WHERE claimed_by IS NOT NULL AND claimed_until IS NOT NULL;

DROP TABLE turns;
ALTER TABLE credentials DROP COLUMN claimed_by;
ALTER TABLE credentials DROP COLUMN claimed_until;

-- An older process that is still running must not go on. It connects as "steward"; from this version on the name ends
-- with the schema version ("steward/7"). Its writes are refused: to jobs, so that it does no work; to health, so that
-- it is not ready; and to attendance, so that it does not claim to be there.
CREATE FUNCTION this_steward_is_too_old() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'expected Steward with schema version 7 or newer, found an older one: stop this process and start the newer version';
END
$$;
CREATE TRIGGER no_older_steward BEFORE INSERT OR UPDATE ON jobs
FOR EACH STATEMENT WHEN (current_setting('application_name') = 'steward') EXECUTE FUNCTION this_steward_is_too_old();
CREATE TRIGGER no_older_steward BEFORE INSERT OR UPDATE ON health
FOR EACH STATEMENT WHEN (current_setting('application_name') = 'steward') EXECUTE FUNCTION this_steward_is_too_old();
CREATE TRIGGER no_older_steward BEFORE INSERT OR UPDATE ON attendance
FOR EACH STATEMENT WHEN (current_setting('application_name') = 'steward') EXECUTE FUNCTION this_steward_is_too_old();
