COPY scale.manifest_object (manifest_id, ordinal, key, etag, size) FROM STDIN
