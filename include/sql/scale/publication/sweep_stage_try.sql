DELETE FROM scale.stage_try WHERE manifest_id < %(manifest_id)s
