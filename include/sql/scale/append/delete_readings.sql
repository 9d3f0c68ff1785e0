DELETE FROM scale.reading WHERE manifest_id = %(manifest_id)s AND partition_id = %(partition_id)s
