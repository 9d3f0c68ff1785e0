COPY scale.manifest_object (manifest_id, partition_id, key, etag, size) FROM STDIN
