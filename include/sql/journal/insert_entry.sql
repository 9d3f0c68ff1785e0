INSERT INTO journal_entry (experiment_run_id, seq, at, event, entry)
VALUES (%(experiment_run_id)s, %(seq)s, %(at)s, %(event)s, %(entry)s::jsonb)
ON CONFLICT (experiment_run_id, seq) DO NOTHING
