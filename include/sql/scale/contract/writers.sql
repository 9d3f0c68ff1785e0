-- Every try of every stage: when it began, when it last wrote something that was committed, when it was last refused.
SELECT
    tried.stage AS writer,
    tried.fence AS try_number,
    tried.began_at,
    (
        SELECT max(staged.staged_at)
        FROM scale.staged_partition AS staged
        WHERE staged.manifest_id = tried.manifest_id AND staged.stage = tried.stage AND staged.fence = tried.fence
    ) AS last_wrote_at,
    tried.refused_at
FROM scale.manifest AS frozen
JOIN scale.stage_try AS tried USING (manifest_id)
WHERE frozen.dag_run_id = %(dag_run_id)s
ORDER BY tried.stage, tried.fence
