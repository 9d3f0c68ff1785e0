-- Partitions of set pairs staged, of those planned. No row before the stage has planned them. Appending plans
-- nothing: its rows are counted, against an unknown (0) expectation.
SELECT
    (
        SELECT count(*) FROM scale.staged_partition AS ledger
        WHERE ledger.manifest_id = plan.manifest_id AND ledger.stage = plan.stage
    ) AS staged,
    plan.partitions::bigint AS expected
FROM scale.manifest AS frozen
JOIN scale.stage_fence AS plan ON plan.manifest_id = frozen.manifest_id AND plan.stage = 'score_similarity'
WHERE frozen.dag_run_id = %(dag_run_id)s
UNION ALL
SELECT (SELECT count(*) FROM scale.flat_pair AS appended WHERE appended.manifest_id = frozen.manifest_id), 0
FROM scale.manifest AS frozen
WHERE frozen.dag_run_id = %(dag_run_id)s AND frozen.landing = 'append' 
