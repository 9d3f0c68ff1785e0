DELETE FROM shop.bought_together WHERE hour = %(hour)s
