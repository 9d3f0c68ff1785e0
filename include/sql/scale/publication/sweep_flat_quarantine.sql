DELETE FROM scale.flat_quarantine WHERE manifest_id < %(manifest_id)s
