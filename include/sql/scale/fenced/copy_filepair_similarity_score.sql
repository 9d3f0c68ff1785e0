COPY scale.staged_pair (manifest_id, filename_a, filename_b, similarity_score) FROM STDIN
