INSERT INTO scale.title (md5, path)
SELECT DISTINCT ON (md5) md5, path FROM title_upload ORDER BY md5, path
ON CONFLICT (md5) DO UPDATE SET path = excluded.path
