ANALYZE shop.load, shop.loaded_line
