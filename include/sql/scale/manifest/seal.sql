-- The digest adds up 64 bits of each object's MD5, so that it depends on the objects and not on their order.
UPDATE scale.manifest AS sealed
SET object_count = found.object_count,
    partitions = found.partitions,
    content_digest = found.object_count || ':' || found.digest
FROM (
    SELECT
        count(*) AS object_count,
        coalesce(max(partition_id) + 1, 0) AS partitions,
        coalesce(
            sum(('x' || left(md5(jsonb_build_array(key, etag, size)::text), 16))::bit(64)::bigint::numeric), 0
        ) AS digest
    FROM scale.manifest_object
    WHERE manifest_id = %(manifest_id)s
) AS found
WHERE sealed.manifest_id = %(manifest_id)s
