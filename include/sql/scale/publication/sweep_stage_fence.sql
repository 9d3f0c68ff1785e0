DELETE FROM scale.stage_fence WHERE manifest_id < %(manifest_id)s
