SELECT loaded_orders, expected_orders FROM shop.load WHERE dag_run_id = %(dag_run_id)s
