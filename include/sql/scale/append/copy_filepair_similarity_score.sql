COPY filepair_similarity_score (filename_a, filename_b, similarity_score) FROM STDIN
