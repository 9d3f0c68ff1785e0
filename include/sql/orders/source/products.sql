INSERT INTO shop.product (product_id, unit_price)
SELECT number, (1 + (hashint8extended(number, 0) & 9999)) / 100.0
FROM generate_series(1, 400) AS number
ON CONFLICT DO NOTHING
