INSERT INTO scale.staged_partition (manifest_id, stage, partition_id, fence, objects, staged_rows, relation_rows)
VALUES (
    %(manifest_id)s, %(stage)s, %(partition_id)s, %(fence)s, %(objects)s, %(staged_rows)s, %(relation_rows)s
)
ON CONFLICT DO NOTHING
RETURNING partition_id
