SELECT pg_advisory_xact_lock(hashtextextended('scale.manifest', 0))
