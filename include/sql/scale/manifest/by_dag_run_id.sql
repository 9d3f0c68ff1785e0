SELECT
    manifest_id, dag_run_id, bucket, prefix, min_instruments, threshold, landing,
    object_count, partitions, content_digest, frozen_at
FROM scale.manifest
WHERE dag_run_id = %(dag_run_id)s
