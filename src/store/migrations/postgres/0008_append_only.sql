-- The trigger also fires where triggers are usually off: in a session with session_replication_role = replica.
ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_is_never_changed;
