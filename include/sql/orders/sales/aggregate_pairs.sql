INSERT INTO shop.aggregated_pair (load_id, product_a, product_b, orders, share)
SELECT
    %(load_id)s,
    one.product_id,
    other.product_id,
    count(DISTINCT one.order_id),
    count(DISTINCT one.order_id) / way.loaded_orders::double precision
FROM shop.load AS way
JOIN shop.loaded_line AS one USING (load_id)
JOIN shop.loaded_line AS other
    ON other.load_id = one.load_id AND other.order_id = one.order_id AND other.product_id > one.product_id
WHERE way.load_id = %(load_id)s
GROUP BY one.product_id, other.product_id, way.loaded_orders
