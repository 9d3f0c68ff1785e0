-- What earlier runs have loaded on their way is of no use to anybody.
DELETE FROM shop.load WHERE dag_run_id <> %(dag_run_id)s
