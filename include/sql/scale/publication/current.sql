SELECT manifest_id, dag_run_id, flat, published_at, instrument_rows, quarantine_rows, pair_rows
FROM scale.publication
