-- The shop's own tables, what its analysts read, and what a run has loaded on the way from the one to the other.
CREATE SCHEMA IF NOT EXISTS shop;

CREATE TABLE IF NOT EXISTS shop.product (
    product_id integer PRIMARY KEY,
    unit_price numeric(8, 2) NOT NULL
);
CREATE TABLE IF NOT EXISTS shop.customer_order (
    order_id bigint PRIMARY KEY,
    hour timestamptz NOT NULL,
    customer_id integer NOT NULL,
    ordered_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS customer_order_hour ON shop.customer_order (hour, order_id);
CREATE TABLE IF NOT EXISTS shop.order_line (
    order_id bigint NOT NULL REFERENCES shop.customer_order ON DELETE CASCADE,
    line smallint NOT NULL,
    product_id integer NOT NULL REFERENCES shop.product,
    quantity smallint NOT NULL,
    discount_percent smallint NOT NULL,
    PRIMARY KEY (order_id, line)
);
-- The hours of which the shop has orders, and from what these were made up.
CREATE TABLE IF NOT EXISTS shop.made_up_hour (
    hour timestamptz PRIMARY KEY,
    orders integer NOT NULL,
    seed integer NOT NULL
);

-- One row a run: how far it has loaded. Whoever writes for the run locks it first, so that two tries take turns.
CREATE TABLE IF NOT EXISTS shop.load (
    load_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dag_run_id text NOT NULL UNIQUE,
    hour timestamptz NOT NULL,
    expected_orders bigint NOT NULL,
    loaded_orders bigint NOT NULL DEFAULT 0,
    last_order_id bigint NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS shop.loaded_line (
    load_id bigint NOT NULL REFERENCES shop.load ON DELETE CASCADE,
    order_id bigint NOT NULL,
    line smallint NOT NULL,
    product_id integer NOT NULL,
    quantity smallint NOT NULL,
    revenue numeric(12, 2) NOT NULL,
    PRIMARY KEY (load_id, order_id, line)
);
CREATE TABLE IF NOT EXISTS shop.aggregated_product (
    load_id bigint NOT NULL REFERENCES shop.load ON DELETE CASCADE,
    product_id integer NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    revenue numeric(14, 2) NOT NULL,
    PRIMARY KEY (load_id, product_id)
);
CREATE TABLE IF NOT EXISTS shop.aggregated_pair (
    load_id bigint NOT NULL REFERENCES shop.load ON DELETE CASCADE,
    product_a integer NOT NULL,
    product_b integer NOT NULL,
    orders bigint NOT NULL,
    share double precision NOT NULL,
    PRIMARY KEY (load_id, product_a, product_b)
);

-- What analysts read.
CREATE TABLE IF NOT EXISTS shop.sales_by_product (
    hour timestamptz NOT NULL,
    product_id integer NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    revenue numeric(14, 2) NOT NULL,
    landed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (hour, product_id)
);
-- Which products were in one order, in how many orders, and in what share of the hour's.
CREATE TABLE IF NOT EXISTS shop.bought_together (
    hour timestamptz NOT NULL,
    product_a integer NOT NULL,
    product_b integer NOT NULL,
    orders bigint NOT NULL,
    share double precision NOT NULL,
    landed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (hour, product_a, product_b)
);
-- Whose rows these are, hour by hour; changed in the transaction that changes them.
CREATE TABLE IF NOT EXISTS shop.publication (
    hour timestamptz PRIMARY KEY,
    dag_run_id text NOT NULL,
    published_at timestamptz NOT NULL
);
