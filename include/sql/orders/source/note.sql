INSERT INTO shop.made_up_hour (hour, orders, seed) VALUES (%(hour)s, %(orders)s, %(seed)s)
ON CONFLICT (hour) DO UPDATE SET orders = excluded.orders, seed = excluded.seed
