INSERT INTO shop.publication (hour, dag_run_id, published_at) VALUES (%(hour)s, %(dag_run_id)s, clock_timestamp())
ON CONFLICT (hour) DO UPDATE SET dag_run_id = excluded.dag_run_id, published_at = excluded.published_at
