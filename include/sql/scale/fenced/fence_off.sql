UPDATE scale.stage_fence SET fence = fence + 1 WHERE manifest_id = %(manifest_id)s
