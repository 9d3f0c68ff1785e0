DELETE FROM scale.staged_quarantine WHERE manifest_id <= %(manifest_id)s
