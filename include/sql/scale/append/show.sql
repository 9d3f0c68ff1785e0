-- From here on, consumers read what this run has appended so far.
INSERT INTO scale.publication (manifest_id, dag_run_id, flat)
SELECT manifest_id, dag_run_id, true FROM scale.manifest WHERE manifest_id = %(manifest_id)s
ON CONFLICT (only_row) DO UPDATE SET
    manifest_id = excluded.manifest_id,
    dag_run_id = excluded.dag_run_id,
    flat = true,
    published_at = NULL,
    instrument_rows = 0,
    quarantine_rows = 0,
    pair_rows = 0
