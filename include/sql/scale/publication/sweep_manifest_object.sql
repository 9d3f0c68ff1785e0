DELETE FROM scale.manifest_object WHERE manifest_id < %(manifest_id)s
