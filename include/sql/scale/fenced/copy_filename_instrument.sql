COPY scale.staged_instrument (manifest_id, filename, instrument) FROM STDIN
