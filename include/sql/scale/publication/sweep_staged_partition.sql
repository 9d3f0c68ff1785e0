DELETE FROM scale.staged_partition WHERE manifest_id < %(manifest_id)s
