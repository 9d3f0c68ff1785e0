-- DELETE, because readers in the middle of a snapshot must go on seeing the old rows; TRUNCATE would empty them.
DELETE FROM filename_instrument
