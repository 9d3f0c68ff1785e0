INSERT INTO scale.manifest (dag_run_id, bucket, prefix, min_instruments, threshold, landing)
VALUES (%(dag_run_id)s, %(bucket)s, %(prefix)s, %(min_instruments)s, %(threshold)s, %(landing)s)
ON CONFLICT (dag_run_id) DO NOTHING
RETURNING manifest_id
