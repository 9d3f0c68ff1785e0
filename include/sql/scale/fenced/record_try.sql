INSERT INTO scale.stage_try (manifest_id, stage, fence) VALUES (%(manifest_id)s, %(stage)s, %(fence)s)
