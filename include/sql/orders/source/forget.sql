DELETE FROM shop.customer_order WHERE hour = %(hour)s
