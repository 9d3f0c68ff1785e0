SELECT planned.partition_id
FROM scale.stage_fence AS plan
CROSS JOIN LATERAL generate_series(0, plan.partitions - 1) AS planned (partition_id)
WHERE plan.manifest_id = %(manifest_id)s
  AND plan.stage = %(stage)s
  AND NOT EXISTS (
      SELECT FROM scale.staged_partition AS staged
      WHERE staged.manifest_id = plan.manifest_id
        AND staged.stage = plan.stage
        AND staged.partition_id = planned.partition_id
  )
ORDER BY planned.partition_id
