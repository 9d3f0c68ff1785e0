UPDATE scale.stage_try
SET refused_at = clock_timestamp()
WHERE manifest_id = %(manifest_id)s AND stage = %(stage)s AND fence = %(fence)s
