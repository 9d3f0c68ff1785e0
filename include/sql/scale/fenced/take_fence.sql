-- Waits for the commits of the older try that are under way (they share the row); that try can write nothing more.
INSERT INTO scale.stage_fence AS held (manifest_id, stage, fence, partitions)
VALUES (%(manifest_id)s, %(stage)s, 1, %(partitions)s)
ON CONFLICT (manifest_id, stage) DO UPDATE SET fence = held.fence + 1
RETURNING fence, partitions
