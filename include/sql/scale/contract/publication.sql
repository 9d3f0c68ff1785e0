SELECT dag_run_id, manifest_id, published_at FROM scale.publication WHERE published_at IS NOT NULL
