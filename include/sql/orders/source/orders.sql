-- The same for each hour and seed: what looks random are hashes of the order's number.
INSERT INTO shop.customer_order (order_id, hour, customer_id, ordered_at)
SELECT
    order_id,
    %(hour)s,
    1 + (hashint8extended(order_id, %(seed)s) & 16383),
    %(hour)s + (hashint8extended(order_id, %(seed)s + 1) & 3599999) / 3600000.0 * interval '1 hour'
FROM
    generate_series(1, %(orders)s) AS number,
    LATERAL (SELECT extract(epoch FROM %(hour)s)::bigint / 3600 * 10000000 + number) AS numbered (order_id)
