INSERT INTO shop.bought_together (hour, product_a, product_b, orders, share)
SELECT %(hour)s, product_a, product_b, orders, share FROM shop.aggregated_pair WHERE load_id = %(load_id)s
