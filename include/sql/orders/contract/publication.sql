SELECT dag_run_id, published_at FROM shop.publication ORDER BY published_at DESC LIMIT 1
