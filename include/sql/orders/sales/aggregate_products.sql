INSERT INTO shop.aggregated_product (load_id, product_id, orders, units, revenue)
SELECT load_id, product_id, count(DISTINCT order_id), sum(quantity), sum(revenue)
FROM shop.loaded_line
WHERE load_id = %(load_id)s
GROUP BY load_id, product_id
