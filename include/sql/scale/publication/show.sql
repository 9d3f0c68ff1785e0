-- The moment at which consumers read this manifest, with the rows that they find.
INSERT INTO scale.publication AS shown (
    manifest_id, dag_run_id, flat, published_at, instrument_rows, quarantine_rows, pair_rows
)
SELECT
    frozen.manifest_id,
    frozen.dag_run_id,
    frozen.materialize = 'pairs',
    now(),
    readings.instrument_rows,
    readings.quarantine_rows,
    (
        SELECT coalesce(sum(relation_rows), 0)::bigint FROM scale.staged_partition
        WHERE manifest_id = frozen.manifest_id AND stage = 'score_similarity'
    )
FROM scale.manifest AS frozen
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(cardinality(programs)), 0)::bigint AS instrument_rows,
        count(reason) AS quarantine_rows
    FROM scale.reading
    WHERE manifest_id = frozen.manifest_id
) AS readings
WHERE frozen.manifest_id = %(manifest_id)s
ON CONFLICT (only_row) DO UPDATE SET
    manifest_id = excluded.manifest_id,
    dag_run_id = excluded.dag_run_id,
    flat = excluded.flat,
    published_at = excluded.published_at,
    instrument_rows = excluded.instrument_rows,
    quarantine_rows = excluded.quarantine_rows,
    pair_rows = excluded.pair_rows
