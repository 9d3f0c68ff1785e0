DELETE FROM shop.sales_by_product WHERE hour = %(hour)s
