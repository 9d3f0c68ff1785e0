SELECT coalesce(max(seq), 0) FROM journal_entry WHERE experiment_run_id = %(experiment_run_id)s
