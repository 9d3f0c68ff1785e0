-- The song itself, beside each of its neighbours beyond a place in their order; alone where there are none.
WITH ranked AS MATERIALIZED (
    SELECT similar_filename, similarity_score
    FROM similar_song
    WHERE filename = %(filename)s
      AND (
          similarity_score < %(score)s
          OR (similarity_score = %(score)s AND similar_filename > %(after)s)
      )
    ORDER BY similarity_score DESC, similar_filename
    LIMIT %(limit)s
)
SELECT
    own.filename,
    own.title,
    own.known_path,
    own.programs,
    near.similarity_score,
    near.filename,
    near.title,
    near.known_path,
    near.programs
FROM song AS own
LEFT JOIN LATERAL (
    SELECT ranked.similarity_score, other.filename, other.title, other.known_path, other.programs
    FROM ranked
    JOIN song AS other ON other.filename = ranked.similar_filename
) AS near ON true
WHERE own.filename = %(filename)s
ORDER BY near.similarity_score DESC, near.filename
