INSERT INTO scale.staged_partition (manifest_id, stage, partition_id, fence, objects, rows)
VALUES (%(manifest_id)s, %(stage)s, %(partition_id)s, %(fence)s, %(objects)s, %(rows)s)
ON CONFLICT DO NOTHING
RETURNING partition_id
