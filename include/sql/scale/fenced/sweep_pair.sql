DELETE FROM scale.staged_pair WHERE manifest_id <= %(manifest_id)s
