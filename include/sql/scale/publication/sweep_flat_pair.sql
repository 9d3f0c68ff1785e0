DELETE FROM scale.flat_pair WHERE manifest_id < %(manifest_id)s
