-- What is wrong with the landed rows, as counts that must all be zero.
SELECT
    abs(shown.instrument_rows - (SELECT count(*) FROM filename_instrument)) AS instrument_rows_off,
    abs(shown.quarantine_rows - (SELECT count(*) FROM quarantined_file)) AS quarantine_rows_off,
    abs(shown.pair_rows - CASE
        WHEN shown.flat THEN (SELECT count(*) FROM filepair_similarity_score)
        ELSE pairs.of_one_set + pairs.of_two_sets
    END) AS pair_rows_off,
    (
        SELECT count(*) FROM scale.reading AS landed
        WHERE landed.manifest_id = shown.manifest_id
          AND NOT EXISTS (
              SELECT FROM scale.manifest_object AS listed
              WHERE listed.manifest_id = shown.manifest_id AND listed.key = landed.filename
          )
    ) AS readings_of_unlisted_files,
    (
        SELECT count(*) FROM quarantined_file AS refused
        WHERE EXISTS (SELECT FROM filename_instrument AS landed WHERE landed.filename = refused.filename)
    ) AS files_landed_and_quarantined
FROM scale.publication AS shown
CROSS JOIN LATERAL (
    -- Song pairs counted from the sets, without spelling them out: pairs of two sets are there both ways round.
    SELECT
        coalesce(sum(own.songs * theirs.songs) FILTER (WHERE own.set_id <> theirs.set_id), 0)::bigint / 2 AS of_two_sets,
        coalesce(sum(own.songs * (own.songs - 1) / 2) FILTER (WHERE own.set_id = theirs.set_id), 0)::bigint AS of_one_set
    FROM scale.set_neighbours AS found
    CROSS JOIN LATERAL unnest(found.neighbours) AS near (set_id)
    JOIN scale.instrument_set AS own ON own.manifest_id = found.manifest_id AND own.set_id = found.set_id
    JOIN scale.instrument_set AS theirs ON theirs.manifest_id = found.manifest_id AND theirs.set_id = near.set_id
    WHERE found.manifest_id = shown.manifest_id AND NOT shown.flat
) AS pairs
WHERE shown.manifest_id = %(manifest_id)s
