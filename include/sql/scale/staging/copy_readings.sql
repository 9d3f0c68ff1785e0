COPY scale.reading (manifest_id, partition_id, filename, etag, programs, reason) FROM STDIN
