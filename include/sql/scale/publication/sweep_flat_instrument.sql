DELETE FROM scale.flat_instrument WHERE manifest_id < %(manifest_id)s
