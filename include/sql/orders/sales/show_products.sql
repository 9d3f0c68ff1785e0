INSERT INTO shop.sales_by_product (hour, product_id, orders, units, revenue)
SELECT %(hour)s, product_id, orders, units, revenue FROM shop.aggregated_product WHERE load_id = %(load_id)s
