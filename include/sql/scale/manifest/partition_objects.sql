-- The objects of a range of ordinals, each with its reading if it is unchanged since it was read for an earlier run.
SELECT
    listed.ordinal, listed.key, listed.etag, listed.size, known.etag IS NOT NULL AS is_known, known.programs, known.reason
FROM scale.manifest_object AS listed
LEFT JOIN scale.reading AS known
    ON known.manifest_id = %(reused_manifest_id)s AND known.filename = listed.key AND known.etag = listed.etag
WHERE listed.manifest_id = %(manifest_id)s AND listed.ordinal >= %(start)s AND listed.ordinal < %(stop)s
ORDER BY listed.ordinal
