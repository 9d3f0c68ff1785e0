-- What is wrong with the landed rows, as counts that must all be zero.
SELECT
    abs(published.instrument_rows - (SELECT count(*) FROM filename_instrument)) AS instrument_rows_off,
    abs(published.quarantine_rows - (SELECT count(*) FROM quarantined_file)) AS quarantine_rows_off,
    abs(published.pair_rows - (SELECT count(*) FROM filepair_similarity_score)) AS pair_rows_off,
    (
        SELECT count(*) FROM filename_instrument AS landed
        WHERE NOT EXISTS (
            SELECT FROM scale.manifest_object AS listed
            WHERE listed.manifest_id = published.manifest_id AND listed.key = landed.filename
        )
    ) AS instruments_of_unlisted_files,
    (
        SELECT count(*) FROM quarantined_file AS refused
        WHERE EXISTS (SELECT FROM filename_instrument AS landed WHERE landed.filename = refused.filename)
    ) AS files_landed_and_quarantined
FROM scale.publication AS published
WHERE published.manifest_id = %(manifest_id)s
