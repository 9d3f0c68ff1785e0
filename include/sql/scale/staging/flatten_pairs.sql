-- The pairs of songs of which the first is in one of this partition's sets.
INSERT INTO scale.flat_pair (manifest_id, filename_a, filename_b, similarity_score)
SELECT
    found.manifest_id,
    song.filename,
    other.filename,
    scale.jaccard_score(near.intersection, cardinality(own.programs) + cardinality(theirs.programs) - near.intersection)
FROM scale.set_neighbours AS found
JOIN scale.instrument_set AS own USING (manifest_id, set_id)
JOIN scale.reading AS song USING (manifest_id, programs)
CROSS JOIN LATERAL unnest(found.neighbours, found.intersections) AS near (set_id, intersection)
JOIN scale.instrument_set AS theirs ON theirs.manifest_id = found.manifest_id AND theirs.set_id = near.set_id
JOIN scale.reading AS other ON other.manifest_id = found.manifest_id AND other.programs = theirs.programs
WHERE found.manifest_id = %(manifest_id)s
  AND found.partition_id = %(partition_id)s
  AND song.filename < other.filename
