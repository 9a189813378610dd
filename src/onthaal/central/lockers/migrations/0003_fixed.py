from django.db import migrations

# The same for every role: the forms refuse it in words beforehand.
FUNCTION = """
CREATE FUNCTION lockers_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is_fixed', TG_ARGV[0] USING ERRCODE = 'check_violation';
END $$
"""
TRIGGER = """
CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed})
EXECUTE FUNCTION lockers_is_fixed('{name}')
"""
FIXED = [
    ("product_kind", "lockers_product", "OLD.kind <> NEW.kind"),
    (
        "product_personal",
        "lockers_product",
        "OLD.personal AND (NOT NEW.personal OR OLD.two_staff <> NEW.two_staff)",
    ),
    ("item_product", "lockers_item", "OLD.product_id <> NEW.product_id"),
    ("handover_product", "lockers_handover", "OLD.product_id <> NEW.product_id"),
    ("request_product", "lockers_request", "OLD.product_id <> NEW.product_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("lockers", "0002_personal"),
    ]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION lockers_is_fixed()"),
        *(
            migrations.RunSQL(
                TRIGGER.format(name=name, table=table, changed=changed), f"DROP TRIGGER {name} ON {table}"
            )
            for name, table, changed in FIXED
        ),
    ]
