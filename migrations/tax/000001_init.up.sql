CREATE TABLE tax.rates (
    id                  uuid PRIMARY KEY,
    name                text NOT NULL,
    country             text NOT NULL CONSTRAINT rates_country_code CHECK (country ~ '^[A-Z]{2}$'),
    region              text NOT NULL DEFAULT '',
    tax_class           text NOT NULL DEFAULT 'standard',
    rate                numeric(7, 4) NOT NULL CONSTRAINT rates_percentage CHECK (rate BETWEEN 0 AND 100),
    applies_to_shipping boolean NOT NULL DEFAULT true,
    created_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT rates_one_per_place_and_class UNIQUE (country, region, tax_class)
);
