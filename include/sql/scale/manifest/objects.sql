SELECT key, etag, size
FROM scale.manifest_object
WHERE manifest_id = %(manifest_id)s
ORDER BY ordinal
