INSERT INTO filename_instrument (filename, instrument)
SELECT filename, instrument FROM scale.staged_instrument WHERE manifest_id = %(manifest_id)s
