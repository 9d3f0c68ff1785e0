SELECT load_id, expected_orders, loaded_orders FROM shop.load WHERE dag_run_id = %(dag_run_id)s FOR UPDATE
