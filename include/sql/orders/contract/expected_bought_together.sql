-- Each order's distinct products, paired; orders of one product only count in the share, and have no pair.
WITH basket AS (
    SELECT bought.hour, bought.order_id, array_agg(DISTINCT sold.product_id ORDER BY sold.product_id) AS products
    FROM shop.customer_order AS bought
    JOIN shop.order_line AS sold USING (order_id)
    GROUP BY bought.hour, bought.order_id
),
total AS (
    SELECT hour, count(*)::double precision AS orders FROM basket GROUP BY hour
)
SELECT basket.hour, a, b, count(*), count(*) / total.orders
FROM basket
JOIN total USING (hour)
CROSS JOIN LATERAL unnest(basket.products) AS a
CROSS JOIN LATERAL unnest(basket.products) AS b
WHERE a < b
GROUP BY basket.hour, a, b, total.orders
