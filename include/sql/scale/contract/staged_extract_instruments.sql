-- Objects accounted for so far, of the manifest's objects. No row before the manifest is frozen.
SELECT
    CASE frozen.landing
        WHEN 'append' THEN
            (SELECT count(DISTINCT filename) FROM filename_instrument) + (SELECT count(*) FROM quarantined_file)
        ELSE (
            SELECT coalesce(sum(ledger.objects), 0)::bigint FROM scale.staged_partition AS ledger
            WHERE ledger.manifest_id = frozen.manifest_id AND ledger.stage = 'extract_instruments'
        )
    END AS staged,
    frozen.object_count AS expected
FROM scale.manifest AS frozen
WHERE frozen.dag_run_id = %(dag_run_id)s
