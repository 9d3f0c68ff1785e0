INSERT INTO scale.flat_instrument (manifest_id, filename, instrument)
SELECT staged.manifest_id, staged.filename, unnest(staged.programs)
FROM scale.reading AS staged
WHERE staged.manifest_id = %(manifest_id)s AND staged.partition_id = %(partition_id)s
