INSERT INTO scale.publication (manifest_id, dag_run_id, published_at, instrument_rows, quarantine_rows, pair_rows)
SELECT
    manifest_id,
    dag_run_id,
    now(),
    (SELECT count(*) FROM filename_instrument),
    (SELECT count(*) FROM quarantined_file),
    (SELECT count(*) FROM filepair_similarity_score)
FROM scale.manifest
WHERE manifest_id = %(manifest_id)s
ON CONFLICT (only_row) DO UPDATE SET
    manifest_id = excluded.manifest_id,
    dag_run_id = excluded.dag_run_id,
    published_at = excluded.published_at,
    instrument_rows = excluded.instrument_rows,
    quarantine_rows = excluded.quarantine_rows,
    pair_rows = excluded.pair_rows
