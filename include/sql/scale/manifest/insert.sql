-- Readings are carried over from what is published now, if it was read in the same way from the same bucket.
INSERT INTO scale.manifest (
    dag_run_id, bucket, prefix, min_instruments, threshold, extractor, audit_fraction, method, materialize, landing,
    reused_manifest_id
)
VALUES (
    %(dag_run_id)s, %(bucket)s, %(prefix)s, %(min_instruments)s, %(threshold)s, %(extractor)s, %(audit_fraction)s,
    %(method)s, %(materialize)s, %(landing)s,
    (
        SELECT earlier.manifest_id
        FROM scale.publication AS shown
        JOIN scale.manifest AS earlier USING (manifest_id)
        WHERE %(reuse_unchanged)s
          AND %(landing)s = 'fenced'
          AND earlier.landing = 'fenced'
          AND earlier.bucket = %(bucket)s
          AND earlier.extractor = %(extractor)s
    )
)
ON CONFLICT (dag_run_id) DO NOTHING
RETURNING manifest_id
