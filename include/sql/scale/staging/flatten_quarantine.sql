INSERT INTO scale.flat_quarantine (manifest_id, filename, reason)
SELECT staged.manifest_id, staged.filename, staged.reason
FROM scale.reading AS staged
WHERE staged.manifest_id = %(manifest_id)s AND staged.partition_id = %(partition_id)s AND staged.reason IS NOT NULL
