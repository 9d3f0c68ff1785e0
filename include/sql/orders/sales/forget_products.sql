DELETE FROM shop.aggregated_product WHERE load_id = %(load_id)s
