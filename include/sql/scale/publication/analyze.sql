-- Only what lookups compare: to sample the neighbours themselves would cost as much as landing them.
ANALYZE scale.flat_instrument (manifest_id, filename), scale.flat_pair (manifest_id, filename_a, filename_b);
-- A small sample tells enough of numbers that are unique in a manifest.
SET LOCAL default_statistics_target = 10;
ANALYZE scale.set_neighbours (manifest_id, set_id)
