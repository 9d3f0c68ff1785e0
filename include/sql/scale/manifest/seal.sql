-- A partition holds 1/128 of the objects, within limits. The digest adds up 64 bits of each object's MD5, so that it
-- depends on the objects and not on their order.
UPDATE scale.manifest AS sealed
SET object_count = found.object_count,
    partition_objects = cut.partition_objects,
    partitions = ceil(found.object_count / cut.partition_objects::numeric),
    content_digest = found.object_count || ':' || found.digest
FROM (
    SELECT
        count(*) AS object_count,
        coalesce(
            sum(('x' || left(md5(jsonb_build_array(key, etag, size)::text), 16))::bit(64)::bigint::numeric), 0
        ) AS digest
    FROM scale.manifest_object
    WHERE manifest_id = %(manifest_id)s
) AS found
CROSS JOIN LATERAL (
    SELECT least(%(most)s, greatest(%(least)s, ceil(found.object_count / 128.0)))::integer AS partition_objects
) AS cut
WHERE sealed.manifest_id = %(manifest_id)s
