-- One row of figures that must agree before anything is published.
SELECT
    (SELECT object_count FROM scale.manifest WHERE manifest_id = %(manifest_id)s) AS objects,
    extracted.objects AS objects_staged,
    extracted.rows AS song_rows,
    (SELECT count(*) FROM scale.staged_instrument WHERE manifest_id = %(manifest_id)s)
    + (SELECT count(*) FROM scale.staged_quarantine WHERE manifest_id = %(manifest_id)s) AS song_rows_staged,
    (
        SELECT partitions FROM scale.stage_fence
        WHERE manifest_id = %(manifest_id)s AND stage = 'score_similarity'
    ) AS score_partitions,
    scored.partitions AS score_partitions_staged,
    scored.rows AS pair_rows,
    (SELECT count(*) FROM scale.staged_pair WHERE manifest_id = %(manifest_id)s) AS pair_rows_staged
FROM (
    SELECT coalesce(sum(objects), 0)::bigint AS objects, coalesce(sum(rows), 0)::bigint AS rows
    FROM scale.staged_partition
    WHERE manifest_id = %(manifest_id)s AND stage = 'extract_instruments'
) AS extracted
CROSS JOIN (
    SELECT count(*) AS partitions, coalesce(sum(rows), 0)::bigint AS rows
    FROM scale.staged_partition
    WHERE manifest_id = %(manifest_id)s AND stage = 'score_similarity'
) AS scored
