-- Every hour of which the shop has orders, straight from its own tables.
SELECT
    bought.hour,
    sold.product_id,
    count(DISTINCT sold.order_id),
    sum(sold.quantity),
    sum(round(sold.quantity * price.unit_price - sold.quantity * price.unit_price * sold.discount_percent / 100, 2))
FROM shop.order_line AS sold
JOIN shop.customer_order AS bought USING (order_id)
JOIN shop.product AS price USING (product_id)
GROUP BY bought.hour, sold.product_id
