SELECT pg_advisory_xact_lock(hashtextextended('scale.migration', 0))
