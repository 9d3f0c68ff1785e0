SELECT frozen.object_count - coalesce(sum(staged.objects), 0)::bigint AS missing
FROM scale.manifest AS frozen
LEFT JOIN scale.staged_partition AS staged
    ON staged.manifest_id = frozen.manifest_id AND staged.stage = 'extract_instruments'
WHERE frozen.manifest_id = %(manifest_id)s
GROUP BY frozen.object_count
