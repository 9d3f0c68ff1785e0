DELETE FROM scale.reading WHERE manifest_id < %(manifest_id)s
