-- What was loaded and what analysts read, side by side.
SELECT
    (SELECT dag_run_id FROM shop.publication WHERE hour = %(hour)s) AS published,
    (SELECT coalesce(sum(revenue), 0) FROM shop.loaded_line WHERE load_id = %(load_id)s) AS loaded_revenue,
    (SELECT coalesce(sum(revenue), 0) FROM shop.sales_by_product WHERE hour = %(hour)s) AS landed_revenue
