-- Objects accounted for so far, of the manifest's objects. No row before the manifest is frozen.
SELECT
    (SELECT count(*) FROM scale.reading AS staged WHERE staged.manifest_id = frozen.manifest_id) AS staged,
    frozen.object_count AS expected
FROM scale.manifest AS frozen
WHERE frozen.dag_run_id = %(dag_run_id)s
