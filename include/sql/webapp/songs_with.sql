-- Songs in which at least one of the programs plays.
SELECT filename, title, known_path, programs
FROM song
WHERE filename > %(after)s AND programs && %(programs)s::smallint[]
ORDER BY filename
LIMIT %(limit)s
