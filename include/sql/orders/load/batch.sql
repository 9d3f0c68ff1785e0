WITH batch AS MATERIALIZED (
    SELECT bought.order_id
    FROM shop.customer_order AS bought
    JOIN shop.load AS way ON way.load_id = %(load_id)s AND bought.hour = way.hour AND bought.order_id > way.last_order_id
    ORDER BY bought.order_id
    LIMIT %(batch)s
),
loaded AS (
    INSERT INTO shop.loaded_line (load_id, order_id, line, product_id, quantity, revenue)
    SELECT
        %(load_id)s,
        order_id,
        sold.line,
        product_id,
        sold.quantity,
        round(sold.quantity * price.unit_price * (100 - sold.discount_percent) / 100, 2)
    FROM batch
    JOIN shop.order_line AS sold USING (order_id)
    JOIN shop.product AS price USING (product_id)
)
UPDATE shop.load AS way
SET last_order_id = found.last_order_id, loaded_orders = way.loaded_orders + found.orders
FROM (SELECT max(order_id) AS last_order_id, count(*) AS orders FROM batch) AS found
WHERE way.load_id = %(load_id)s AND found.orders > 0
RETURNING way.loaded_orders
