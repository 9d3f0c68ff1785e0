-- One row of figures that decide whether anything is published: the songs, then each figure before what it must equal.
SELECT
    read.songs,
    frozen.object_count AS objects,
    extracted.objects AS objects_staged,
    extracted.staged_rows AS readings,
    read.readings AS readings_staged,
    extracted.relation_rows AS instruments_and_rejections,
    read.instruments_and_rejections AS instruments_and_rejections_staged,
    (
        SELECT partitions FROM scale.stage_fence
        WHERE manifest_id = frozen.manifest_id AND stage = 'score_similarity'
    ) AS score_partitions,
    scored.partitions AS score_partitions_staged,
    (
        SELECT count(*) FROM scale.instrument_set
        WHERE manifest_id = frozen.manifest_id AND cardinality(programs) >= frozen.min_instruments
    ) AS scored_sets,
    scored.objects AS scored_sets_staged,
    scored.staged_rows AS neighbour_rows,
    (SELECT count(*) FROM scale.set_neighbours WHERE manifest_id = frozen.manifest_id) AS neighbour_rows_staged,
    CASE WHEN frozen.materialize = 'pairs' THEN extracted.relation_rows + scored.relation_rows ELSE 0 END AS flat_rows,
    (SELECT count(*) FROM scale.flat_instrument WHERE manifest_id = frozen.manifest_id)
    + (SELECT count(*) FROM scale.flat_quarantine WHERE manifest_id = frozen.manifest_id)
    + (SELECT count(*) FROM scale.flat_pair WHERE manifest_id = frozen.manifest_id) AS flat_rows_staged
FROM scale.manifest AS frozen
CROSS JOIN LATERAL (
    SELECT
        count(*) AS readings,
        count(programs) AS songs,
        coalesce(sum(coalesce(cardinality(programs), 1)), 0)::bigint AS instruments_and_rejections
    FROM scale.reading
    WHERE manifest_id = frozen.manifest_id
) AS read
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(objects), 0)::bigint AS objects,
        coalesce(sum(staged_rows), 0)::bigint AS staged_rows,
        coalesce(sum(relation_rows), 0)::bigint AS relation_rows
    FROM scale.staged_partition
    WHERE manifest_id = frozen.manifest_id AND stage = 'extract_instruments'
) AS extracted
CROSS JOIN LATERAL (
    SELECT
        count(*) AS partitions,
        coalesce(sum(objects), 0)::bigint AS objects,
        coalesce(sum(staged_rows), 0)::bigint AS staged_rows,
        coalesce(sum(relation_rows), 0)::bigint AS relation_rows
    FROM scale.staged_partition
    WHERE manifest_id = frozen.manifest_id AND stage = 'score_similarity'
) AS scored
WHERE frozen.manifest_id = %(manifest_id)s
