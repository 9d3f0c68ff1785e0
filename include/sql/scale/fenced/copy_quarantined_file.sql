COPY scale.staged_quarantine (manifest_id, filename, reason) FROM STDIN
