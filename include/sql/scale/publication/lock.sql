SELECT pg_advisory_xact_lock(hashtextextended('scale.publication', 0))
