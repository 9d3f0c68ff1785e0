-- No fence, no writing: a try of a superseded manifest that still lives is refused from here on.
DELETE FROM scale.stage_fence WHERE manifest_id < %(manifest_id)s
