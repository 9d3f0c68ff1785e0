-- The distinct instrument sets, and how many songs have each.
SELECT programs, count(*) AS songs
FROM scale.reading
WHERE manifest_id = %(manifest_id)s AND programs IS NOT NULL
GROUP BY programs
