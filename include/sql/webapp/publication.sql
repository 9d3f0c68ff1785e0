SELECT manifest_id, published_at FROM scale.publication
