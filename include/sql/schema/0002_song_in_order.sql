-- The same songs, asked for as the other views ask: so a page of them, in the order of their keys, is read off the index.
CREATE OR REPLACE VIEW public.song AS
SELECT
    landed.filename,
    regexp_replace(coalesce(known.path, landed.filename), '^.*/|\.[^./]*$', '', 'g') AS title,
    known.path AS known_path,
    landed.programs
FROM scale.reading AS landed
LEFT JOIN scale.title AS known ON known.md5 = substring(landed.filename FROM '([0-9a-f]{32})\.[^./]*$')
WHERE landed.manifest_id = (SELECT shown.manifest_id FROM scale.publication AS shown)
  AND landed.programs IS NOT NULL;
