SELECT pg_advisory_xact_lock(hashtextextended('shop', 0))
