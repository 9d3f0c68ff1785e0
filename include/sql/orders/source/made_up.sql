SELECT orders, seed FROM shop.made_up_hour WHERE hour = %(hour)s
