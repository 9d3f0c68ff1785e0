INSERT INTO filepair_similarity_score (filename_a, filename_b, similarity_score)
SELECT filename_a, filename_b, similarity_score FROM scale.staged_pair WHERE manifest_id = %(manifest_id)s
