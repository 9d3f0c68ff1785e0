DELETE FROM scale.instrument_set WHERE manifest_id = %(manifest_id)s
