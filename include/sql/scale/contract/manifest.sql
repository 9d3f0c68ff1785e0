SELECT listed.key, listed.etag, listed.size
FROM scale.manifest AS frozen
JOIN scale.manifest_object AS listed USING (manifest_id)
WHERE frozen.dag_run_id = %(dag_run_id)s
ORDER BY listed.ordinal
