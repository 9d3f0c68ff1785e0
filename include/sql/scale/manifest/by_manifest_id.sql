SELECT
    manifest_id, dag_run_id, bucket, prefix, min_instruments, threshold, extractor, audit_fraction, method, materialize,
    landing, reused_manifest_id, object_count, partition_objects, partitions, content_digest, frozen_at
FROM scale.manifest
WHERE manifest_id = %(manifest_id)s
