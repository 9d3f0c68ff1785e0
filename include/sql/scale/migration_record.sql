INSERT INTO scale.migration (name) VALUES (%(name)s) ON CONFLICT DO NOTHING RETURNING name
