DELETE FROM scale.staged_instrument WHERE manifest_id <= %(manifest_id)s
