INSERT INTO quarantined_file (filename, reason)
SELECT filename, reason FROM scale.staged_quarantine WHERE manifest_id = %(manifest_id)s
