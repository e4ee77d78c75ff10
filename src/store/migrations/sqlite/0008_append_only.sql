-- REPLACE deletes the row that it replaces without calling the DELETE trigger (unless recursive_triggers is on), so that
-- one could rewrite the audit log with it. The number of a new entry is not known here yet and reads as -1.
CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON audit
WHEN NEW.seq > 0 AND EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
