DELETE FROM shop.aggregated_pair WHERE load_id = %(load_id)s
