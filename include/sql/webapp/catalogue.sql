SELECT filename, title, programs
FROM song
WHERE filename > %(after)s
ORDER BY filename
LIMIT %(limit)s
