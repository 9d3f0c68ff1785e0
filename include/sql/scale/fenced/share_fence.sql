SELECT fence
FROM scale.stage_fence
WHERE manifest_id = %(manifest_id)s AND stage = %(stage)s
FOR SHARE
