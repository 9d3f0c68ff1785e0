-- One to five lines an order; low product numbers are bought more often.
INSERT INTO shop.order_line (order_id, line, product_id, quantity, discount_percent)
SELECT
    bought.order_id,
    line,
    1 + (drawn & 1023) * ((drawn >> 10) & 1023) * 400 / 1048576,
    1 + ((drawn >> 20) & 3),
    CASE (drawn >> 24) & 7 WHEN 0 THEN 5 WHEN 1 THEN 15 ELSE 0 END
FROM
    shop.customer_order AS bought,
    LATERAL generate_series(1, 1 + (hashint8extended(bought.order_id, %(seed)s + 2) & 65535) %% 5) AS line,
    LATERAL (SELECT hashint8extended(bought.order_id * 8 + line, %(seed)s + 3)) AS random (drawn)
WHERE bought.hour = %(hour)s
