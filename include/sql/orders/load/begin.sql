INSERT INTO shop.load (dag_run_id, hour, expected_orders)
SELECT %(dag_run_id)s, %(hour)s, count(*) FROM shop.customer_order WHERE hour = %(hour)s
ON CONFLICT (dag_run_id) DO NOTHING
