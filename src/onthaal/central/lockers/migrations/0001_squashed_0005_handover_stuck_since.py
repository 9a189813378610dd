# For a new database: everything at once, in a third of the time. One that is there already takes its steps one by one.

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.constraints
import django.db.models.deletion
import onthaal.central.foundation.tenancy
import onthaal.core.lifecycles
from django.conf import settings
from django.db import migrations, models

from onthaal.central.foundation.tables import at_once


class Migration(migrations.Migration):
    replaces = [
        ("lockers", "0001_initial"),
        ("lockers", "0002_personal"),
        ("lockers", "0003_fixed"),
        ("lockers", "0004_finding"),
        ("lockers", "0005_handover_stuck_since"),
    ]

    initial = True

    dependencies = [
        ("foundation", "0001_squashed_0004_what_is_published"),
        ("foundation", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Badge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("secret_sealed", models.BinaryField()),
                ("pin_salt", models.CharField(blank=True, max_length=32)),
                ("pin_sealed", models.BinaryField(null=True)),
                (
                    "rights",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), default=list, size=None
                    ),
                ),
                ("issued_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="badges",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_badge_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_badge_fence"),
                    onthaal.central.foundation.tenancy.Within("account", name="lockers_badge_within_account"),
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("account",),
                        name="one_valid_badge_per_account",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kiosk", models.BigIntegerField()),
                ("public_key", models.CharField(max_length=64)),
                ("key_kind", models.CharField(default="software", max_length=10)),
                ("enrolled_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "municipality",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at", None)),
                        fields=("kiosk",),
                        name="one_enrolled_device_per_kiosk",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Site",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("address", models.CharField(max_length=200)),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_site_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_site_fence"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Kiosk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("help_phone", models.CharField(blank=True, max_length=40)),
                ("opening_hours", models.JSONField(default=dict)),
                ("wish_version", models.PositiveBigIntegerField(default=1)),
                ("pepper_sealed", models.BinaryField(null=True)),
                ("qr_only_releases", models.PositiveIntegerField(default=0)),
                ("qr_only_year", models.PositiveIntegerField(default=0)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="lockers.site"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_kiosk_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_kiosk_fence"),
                    onthaal.central.foundation.tenancy.Within("site", name="lockers_kiosk_within_site"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Compartment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("size", models.CharField(choices=[("S", "S"), ("M", "M"), ("L", "L"), ("XL", "Xl")], max_length=2)),
                ("bottom_mm", models.PositiveIntegerField()),
                ("top_mm", models.PositiveIntegerField()),
                ("presence", models.BooleanField(default=False)),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "kiosk",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="compartments",
                        to="lockers.kiosk",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_compartment_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_compartment_fence"),
                    onthaal.central.foundation.tenancy.Within("kiosk", name="lockers_compartment_within_kiosk"),
                    models.UniqueConstraint(fields=("kiosk", "number"), name="one_compartment_per_number"),
                ],
            },
        ),
        migrations.CreateModel(
            name="EnrolmentCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hash", models.CharField(max_length=64)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "made_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "kiosk",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="lockers.kiosk"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_enrolmentcode_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_enrolmentcode_fence"),
                    onthaal.central.foundation.tenancy.Within("kiosk", name="lockers_enrolmentcode_within_kiosk"),
                    onthaal.central.foundation.tenancy.Within("made_by", name="lockers_enrolmentcode_within_made_by"),
                    models.UniqueConstraint(fields=("municipality", "hash"), name="one_enrolment_per_code"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Identification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("boot", models.CharField(max_length=40)),
                ("session", models.CharField(max_length=80)),
                ("way", models.CharField(choices=[("page", "page"), ("phone", "phone")], max_length=5)),
                ("language", models.CharField(max_length=2)),
                ("number", models.CharField(max_length=2)),
                ("digits", models.CharField(blank=True, max_length=2)),
                ("handle_hash", models.CharField(max_length=64, unique=True)),
                ("opened_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("started", "Started"),
                            ("proved", "Proved"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                            ("timed-out", "Timed Out"),
                            ("over", "Over"),
                        ],
                        default="started",
                        max_length=10,
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=40)),
                (
                    "handovers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("nonce", models.CharField(blank=True, max_length=40)),
                ("started_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "identity",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="foundation.identity",
                    ),
                ),
                (
                    "kiosk",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lockers.kiosk",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="foundation.provider",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["municipality", "decided_at"], name="identification_decided"),
                    models.Index(fields=["kiosk", "boot", "session"], name="identification_session"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_identification_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_identification_fence"),
                    onthaal.central.foundation.tenancy.Within("kiosk", name="lockers_identification_within_kiosk"),
                    onthaal.central.foundation.tenancy.Within(
                        "provider", name="lockers_identification_within_provider"
                    ),
                    onthaal.central.foundation.tenancy.Within(
                        "identity", name="lockers_identification_within_identity"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["started", "proved"])),
                        fields=("kiosk",),
                        name="one_identification_per_wall",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KioskState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("told_at", models.DateTimeField()),
                ("silent_since", models.DateTimeField(null=True)),
                ("boot", models.CharField(max_length=40)),
                ("log", models.CharField(max_length=40)),
                ("wish_epoch", models.PositiveIntegerField()),
                ("wish_version", models.PositiveBigIntegerField()),
                ("told", models.JSONField()),
                (
                    "kiosk",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="state",
                        to="lockers.kiosk",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_kioskstate_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_kioskstate_fence"),
                    onthaal.central.foundation.tenancy.Within("kiosk", name="lockers_kioskstate_within_kiosk"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Log",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                ("heard_up_to", models.PositiveBigIntegerField(default=0)),
                ("head", models.BinaryField()),
                ("begun_at", models.DateTimeField()),
                ("broken_at", models.PositiveBigIntegerField(null=True)),
                (
                    "kiosk",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="logs",
                        to="lockers.kiosk",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_log_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_log_fence"),
                    onthaal.central.foundation.tenancy.Within("kiosk", name="lockers_log_within_kiosk"),
                    models.UniqueConstraint(fields=("kiosk", "name"), name="one_log_per_name"),
                ],
            },
        ),
        migrations.CreateModel(
            name="StockCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("at", models.DateTimeField()),
                ("expected", models.PositiveSmallIntegerField()),
                ("seen", models.PositiveSmallIntegerField()),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "kiosk",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lockers.kiosk",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["kiosk", "day"], name="stock_count_day")],
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_stockcount_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_stockcount_fence"),
                    onthaal.central.foundation.tenancy.Within("kiosk", name="lockers_stockcount_within_kiosk"),
                    onthaal.central.foundation.tenancy.Within("by", name="lockers_stockcount_within_by"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=200)),
                ("set_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
                (
                    "lifted_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "compartment",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="blocks",
                        to="lockers.compartment",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_block_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_block_fence"),
                    onthaal.central.foundation.tenancy.Within("compartment", name="lockers_block_within_compartment"),
                    onthaal.central.foundation.tenancy.Within("set_by", name="lockers_block_within_set_by"),
                    onthaal.central.foundation.tenancy.Within("lifted_by", name="lockers_block_within_lifted_by"),
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("compartment",),
                        name="one_open_block_per_compartment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HeardFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveBigIntegerField()),
                ("at", models.DateTimeField(null=True)),
                ("heard_at", models.DateTimeField()),
                ("kind", models.CharField(blank=True, max_length=40)),
                ("told", models.TextField()),
                (
                    "verdict",
                    models.CharField(
                        choices=[("good", "Good"), ("malformed", "Malformed"), ("conflict", "Conflict")], max_length=10
                    ),
                ),
                ("remark", models.CharField(blank=True, max_length=200)),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "log",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="lockers.log",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_heardfact_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_heardfact_fence"),
                    onthaal.central.foundation.tenancy.Within("log", name="lockers_heardfact_within_log"),
                    models.UniqueConstraint(fields=("log", "number"), name="one_fact_per_number"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("photo", "Photo"), ("certificate", "Certificate")], max_length=12)),
                ("media_type", models.CharField(max_length=40)),
                ("size", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("sealed", models.BinaryField(null=True)),
                ("added_at", models.DateTimeField()),
                ("dropped_at", models.DateTimeField(null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_attachment_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_attachment_fence"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("dropped_at", None), ("sealed__isnull", False)),
                            models.Q(("dropped_at__isnull", False), ("sealed", None)),
                            _connector="OR",
                        ),
                        name="dropped_keeps_nothing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Clearance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("law", models.CharField(max_length=500)),
                ("procedure", models.CharField(max_length=500)),
                ("signature", models.CharField(max_length=500)),
                ("payment", models.CharField(max_length=500)),
                ("old_document", models.CharField(max_length=500)),
                ("activation", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_clearance_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_clearance_fence"),
                    onthaal.central.foundation.tenancy.Within("by", name="lockers_clearance_within_by"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("law", ""), _negated=True),
                            models.Q(("procedure", ""), _negated=True),
                            models.Q(("signature", ""), _negated=True),
                            models.Q(("payment", ""), _negated=True),
                            models.Q(("old_document", ""), _negated=True),
                            models.Q(("activation", ""), _negated=True),
                        ),
                        name="clearance_is_complete",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField()),
                ("name_nl", models.CharField(max_length=100)),
                ("name_fr", models.CharField(max_length=100)),
                ("name_en", models.CharField(max_length=100)),
                ("about_nl", models.TextField(blank=True)),
                ("about_fr", models.TextField(blank=True)),
                ("about_en", models.TextField(blank=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("document", "Document"),
                            ("identity-card", "Identity Card"),
                            ("voucher", "Voucher"),
                            ("key", "Key"),
                            ("material", "Material"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("pick_up", "Pick Up"), ("drop_off", "Drop Off"), ("lend", "Lend"), ("vend", "Vend")],
                        max_length=10,
                    ),
                ),
                (
                    "size",
                    models.CharField(
                        choices=[("S", "S"), ("M", "M"), ("L", "L"), ("XL", "Xl")], default="M", max_length=2
                    ),
                ),
                ("tagged", models.BooleanField(default=False)),
                ("personal", models.BooleanField(default=False)),
                ("two_staff", models.BooleanField(default=False)),
                ("locker_allowed", models.BooleanField(default=False)),
                ("offered", models.BooleanField(default=True)),
                ("for_residents", models.BooleanField(default=True)),
                ("for_businesses", models.BooleanField(default=True)),
                ("for_associations", models.BooleanField(default=True)),
                ("collection_days", models.PositiveSmallIntegerField(default=5)),
                ("reminder_day", models.PositiveSmallIntegerField(default=3)),
                ("max_loan_days", models.PositiveSmallIntegerField(default=7)),
                ("lead_days", models.PositiveSmallIntegerField(default=1)),
                ("book_ahead_days", models.PositiveSmallIntegerField(default=90)),
                ("overdue_reminder_days", models.PositiveSmallIntegerField(default=2)),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                ("asks_old_document", models.BooleanField(default=False)),
                ("fee_cents", models.PositiveIntegerField(default=0)),
                ("needs_activation", models.BooleanField(default=False)),
                ("needs_certificate", models.BooleanField(default=False)),
                ("needs_photo", models.BooleanField(default=False)),
                (
                    "clearance",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lockers.clearance",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_product_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_product_fence"),
                    models.UniqueConstraint(fields=("municipality", "slug"), name="one_product_per_slug"),
                    models.CheckConstraint(
                        condition=models.Q(("reminder_day__lt", models.F("collection_days"))),
                        name="reminder_before_recall",
                    ),
                    onthaal.central.foundation.tenancy.Within("clearance", name="lockers_product_within_clearance"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "identity-card"), _negated=True),
                            ("locker_allowed", False),
                            _connector="OR",
                        ),
                        name="identity_card_desk_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["document", "identity-card"]), _negated=True),
                            models.Q(("personal", True), ("two_staff", True)),
                            _connector="OR",
                        ),
                        name="documents_are_personal",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("personal", False),
                            ("locker_allowed", False),
                            ("clearance__isnull", False),
                            _connector="OR",
                        ),
                        name="personal_needs_clearance",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(max_length=8)),
                ("tag", models.CharField(blank=True, max_length=64, null=True)),
                ("name", models.CharField(blank=True, max_length=100)),
                ("single_use", models.BooleanField(default=False)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="lockers.product",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_item_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_item_fence"),
                    onthaal.central.foundation.tenancy.Within("product", name="lockers_item_within_product"),
                    models.UniqueConstraint(fields=("municipality", "label"), name="one_item_per_label"),
                    models.UniqueConstraint(fields=("municipality", "tag"), name="one_item_per_tag"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("direction", models.CharField(choices=[("out", "out"), ("back", "back")], max_length=4)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("planned", "planned"),
                            ("loaded", "loaded"),
                            ("waiting", "waiting"),
                            ("collected", "collected"),
                            ("recalled", "recalled"),
                            ("taken_back", "taken_back"),
                            ("cancelled", "cancelled"),
                            ("disputed", "disputed"),
                        ],
                        default=onthaal.core.lifecycles.Stage["PLANNED"],
                        max_length=12,
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("planned_at", models.DateTimeField()),
                ("loaded_at", models.DateTimeField(null=True)),
                ("loaded_by", models.CharField(blank=True, max_length=60)),
                ("ready_at", models.DateTimeField(null=True)),
                ("collect_by", models.DateTimeField(null=True)),
                ("reminder_at", models.DateTimeField(null=True)),
                ("recalled_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("dispute", models.CharField(blank=True, max_length=60)),
                ("resolution", models.CharField(blank=True, max_length=200)),
                ("grade", models.CharField(blank=True, max_length=1)),
                (
                    "compartment",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="lockers.compartment",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "out",
                    models.OneToOneField(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="back",
                        to="lockers.handover",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.person"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handovers",
                        to="lockers.item",
                    ),
                ),
                (
                    "kiosk",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="lockers.kiosk"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="lockers.product"
                    ),
                ),
                ("prepared_at", models.DateTimeField(null=True)),
                ("prepared_by", models.CharField(blank=True, db_default="", max_length=60)),
                ("received_at", models.DateTimeField(null=True)),
                ("received_by", models.CharField(blank=True, db_default="", max_length=60)),
                ("taken_out_by", models.CharField(blank=True, db_default="", max_length=60)),
                ("stuck_since", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_handover_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_handover_fence"),
                    onthaal.central.foundation.tenancy.Within("product", name="lockers_handover_within_product"),
                    onthaal.central.foundation.tenancy.Within("item", name="lockers_handover_within_item"),
                    onthaal.central.foundation.tenancy.Within("person", name="lockers_handover_within_person"),
                    onthaal.central.foundation.tenancy.Within("kiosk", name="lockers_handover_within_kiosk"),
                    onthaal.central.foundation.tenancy.Within("out", name="lockers_handover_within_out"),
                    onthaal.central.foundation.tenancy.Within(
                        "compartment", name="lockers_handover_within_compartment"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("prepared_by", ""),
                            models.Q(("prepared_by", models.F("loaded_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_people_load",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("received_by", ""),
                            models.Q(("received_by", models.F("taken_out_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_people_take_back",
                    ),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("stage__in", ["cancelled", "collected", "taken_back"]), _negated=True),
                        fields=["municipality", "kiosk", "stage"],
                        name="handover_live",
                    ),
                    models.Index(
                        condition=models.Q(("stage__in", ["cancelled", "collected", "taken_back"]), _negated=True),
                        fields=["municipality", "stage", "collect_by"],
                        name="handover_deadline",
                    ),
                    models.Index(fields=["municipality", "person"], name="handover_person"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("live", models.BooleanField(default=True)),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promises",
                        to="lockers.item",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_promise_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_promise_fence"),
                    onthaal.central.foundation.tenancy.Within("item", name="lockers_promise_within_item"),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="promise_not_empty"
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("live", True)),
                        deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                        expressions=[
                            (models.F("item"), "="),
                            (
                                models.Func(
                                    models.F("starts_on"),
                                    models.F("ends_on"),
                                    models.Value("[]"),
                                    function="daterange",
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="promises_never_overlap",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Command",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("nonce", models.CharField(max_length=40)),
                ("boot", models.CharField(max_length=40)),
                ("reason", models.CharField(max_length=200)),
                ("issued_at", models.DateTimeField()),
                ("outcome", models.CharField(blank=True, max_length=12)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "compartment",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="lockers.compartment"
                    ),
                ),
                (
                    "handover",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="lockers.handover",
                    ),
                ),
                (
                    "kiosk",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="lockers.kiosk"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_command_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_command_fence"),
                    onthaal.central.foundation.tenancy.Within("kiosk", name="lockers_command_within_kiosk"),
                    onthaal.central.foundation.tenancy.Within("compartment", name="lockers_command_within_compartment"),
                    onthaal.central.foundation.tenancy.Within("handover", name="lockers_command_within_handover"),
                    onthaal.central.foundation.tenancy.Within("asked_by", name="lockers_command_within_asked_by"),
                    models.UniqueConstraint(fields=("municipality", "nonce"), name="one_command_per_nonce"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Custody",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "holder",
                    models.CharField(
                        choices=[
                            ("desk", "Desk"),
                            ("staff", "Staff"),
                            ("compartment", "Compartment"),
                            ("citizen", "Citizen"),
                            ("lost", "Lost"),
                        ],
                        max_length=12,
                    ),
                ),
                ("grade", models.CharField(blank=True, max_length=1)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "compartment",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lockers.compartment",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "handover",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lockers.handover",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="custodies",
                        to="lockers.item",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "custodies",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_custody_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_custody_fence"),
                    onthaal.central.foundation.tenancy.Within("item", name="lockers_custody_within_item"),
                    onthaal.central.foundation.tenancy.Within("account", name="lockers_custody_within_account"),
                    onthaal.central.foundation.tenancy.Within("compartment", name="lockers_custody_within_compartment"),
                    onthaal.central.foundation.tenancy.Within("handover", name="lockers_custody_within_handover"),
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)), fields=("item",), name="one_holder_per_item"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("account__isnull", False), ("holder", "staff")),
                            models.Q(("compartment__isnull", False), ("holder", "compartment")),
                            models.Q(("handover__isnull", False), ("holder", "citizen")),
                            ("holder__in", ["desk", "lost"]),
                            _connector="OR",
                        ),
                        name="holder_is_named",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "to",
                    models.CharField(
                        choices=[("collected", "Collected"), ("planned", "Planned"), ("lost", "Lost")], max_length=12
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("found_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "found_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handover",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="lockers.handover",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_finding_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_finding_fence"),
                    onthaal.central.foundation.tenancy.Within("handover", name="lockers_finding_within_handover"),
                    onthaal.central.foundation.tenancy.Within("found_by", name="lockers_finding_within_found_by"),
                    onthaal.central.foundation.tenancy.Within(
                        "confirmed_by", name="lockers_finding_within_confirmed_by"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            models.Q(("confirmed_by", models.F("found_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="finding_needs_two_people",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("confirmed_at", None), ("withdrawn_at", None)),
                        fields=("handover",),
                        name="one_finding_per_handover",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asleep", "Asleep"),
                            ("awake", "Awake"),
                            ("used", "Used"),
                            ("revoked", "Revoked"),
                            ("expired", "Expired"),
                        ],
                        default="asleep",
                        max_length=8,
                    ),
                ),
                ("selector", models.CharField(blank=True, max_length=3)),
                ("pin_verifier", models.CharField(blank=True, max_length=200)),
                ("qr_verifier", models.CharField(blank=True, max_length=64)),
                ("sealed", models.BinaryField(null=True)),
                ("opens_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField()),
                ("wish_version", models.PositiveBigIntegerField(default=0)),
                ("ended_at", models.DateTimeField(null=True)),
                ("pin_tries", models.PositiveSmallIntegerField(default=0)),
                ("pin_closed_at", models.DateTimeField(null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "handover",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="lockers.handover",
                    ),
                ),
                (
                    "kiosk",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="lockers.kiosk",
                    ),
                ),
                (
                    "identity",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="foundation.identity",
                    ),
                ),
                (
                    "proof",
                    models.CharField(
                        choices=[("code", "Code"), ("identity", "Identity")], default="code", max_length=8
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_grant_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_grant_fence"),
                    onthaal.central.foundation.tenancy.Within("handover", name="lockers_grant_within_handover"),
                    onthaal.central.foundation.tenancy.Within("kiosk", name="lockers_grant_within_kiosk"),
                    models.UniqueConstraint(
                        condition=models.Q(("pin_closed_at", None), ("status__in", ["asleep", "awake"])),
                        fields=("handover",),
                        name="one_live_grant_per_handover",
                    ),
                    onthaal.central.foundation.tenancy.Within("identity", name="lockers_grant_within_identity"),
                    models.UniqueConstraint(
                        condition=models.Q(("proof", "code"), ("status__in", ["asleep", "awake"])),
                        fields=("kiosk", "selector"),
                        name="one_live_grant_per_selector",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("identity", None), ("proof", "code"), ("qr_verifier__gt", ""), ("selector__gt", "")
                            ),
                            models.Q(
                                ("identity__isnull", False),
                                ("pin_verifier", ""),
                                ("proof", "identity"),
                                ("qr_verifier", ""),
                                ("sealed", None),
                                ("selector", ""),
                            ),
                            _connector="OR",
                        ),
                        name="identity_needs_no_code",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("finding", models.CharField(blank=True, max_length=500)),
                (
                    "closed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "compartment",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lockers.compartment",
                    ),
                ),
                (
                    "handover",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lockers.handover",
                    ),
                ),
                (
                    "kiosk",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lockers.kiosk",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "count",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lockers.stockcount",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_incident_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_incident_fence"),
                    onthaal.central.foundation.tenancy.Within("kiosk", name="lockers_incident_within_kiosk"),
                    onthaal.central.foundation.tenancy.Within(
                        "compartment", name="lockers_incident_within_compartment"
                    ),
                    onthaal.central.foundation.tenancy.Within("handover", name="lockers_incident_within_handover"),
                    onthaal.central.foundation.tenancy.Within("count", name="lockers_incident_within_count"),
                    onthaal.central.foundation.tenancy.Within("closed_by", name="lockers_incident_within_closed_by"),
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("compartment", "kind"),
                        name="one_open_incident_per_compartment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "asked_for",
                    models.CharField(
                        choices=[("resident", "Resident"), ("business", "Business"), ("association", "Association")],
                        default="resident",
                        max_length=12,
                    ),
                ),
                ("address_key", models.CharField(max_length=64)),
                ("origin_key", models.CharField(blank=True, max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("unconfirmed", "Unconfirmed"),
                            ("received", "Received"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                            ("done", "Done"),
                            ("lapsed", "Lapsed"),
                        ],
                        default="unconfirmed",
                        max_length=12,
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("remark", models.CharField(blank=True, max_length=500)),
                ("link_hash", models.CharField(max_length=64, unique=True)),
                ("link_expires_at", models.DateTimeField()),
                ("asked_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("refusal", models.CharField(blank=True, max_length=500)),
                ("prepared_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handover",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="request",
                        to="lockers.handover",
                    ),
                ),
                (
                    "kiosk",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="lockers.kiosk"
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.person"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="lockers.product"
                    ),
                ),
                (
                    "promise",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="lockers.promise",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_request_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_request_fence"),
                    onthaal.central.foundation.tenancy.Within("product", name="lockers_request_within_product"),
                    onthaal.central.foundation.tenancy.Within("kiosk", name="lockers_request_within_kiosk"),
                    onthaal.central.foundation.tenancy.Within("person", name="lockers_request_within_person"),
                    onthaal.central.foundation.tenancy.Within("decided_by", name="lockers_request_within_decided_by"),
                    onthaal.central.foundation.tenancy.Within("promise", name="lockers_request_within_promise"),
                    onthaal.central.foundation.tenancy.Within("handover", name="lockers_request_within_handover"),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["unconfirmed", "received", "accepted"])),
                        fields=("municipality", "address_key", "product"),
                        name="one_live_request_per_address",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["municipality", "status", "asked_at"], name="request_worklist"),
                    models.Index(fields=["municipality", "origin_key", "asked_at"], name="request_rate"),
                    models.Index(fields=["municipality", "ended_at"], name="request_ended"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Stay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "compartment",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stays",
                        to="lockers.compartment",
                    ),
                ),
                (
                    "handover",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stays",
                        to="lockers.handover",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_stay_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_stay_fence"),
                    onthaal.central.foundation.tenancy.Within("handover", name="lockers_stay_within_handover"),
                    onthaal.central.foundation.tenancy.Within("compartment", name="lockers_stay_within_compartment"),
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)), fields=("compartment",), name="one_content_per_compartment"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)), fields=("handover",), name="one_compartment_per_thing"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dossier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=8)),
                ("place", models.CharField(choices=[("wall", "Wall"), ("desk", "Desk")], max_length=4)),
                ("desk_reason", models.CharField(blank=True, max_length=40)),
                ("of_age", models.BooleanField(default=True)),
                ("urgent", models.BooleanField(default=False)),
                ("proxy", models.BooleanField(default=False)),
                ("fee_cents", models.PositiveIntegerField(default=0)),
                ("paid_at", models.DateTimeField(null=True)),
                ("payment_reference", models.CharField(blank=True, max_length=40)),
                (
                    "old_document",
                    models.CharField(
                        choices=[("none", "None"), ("open", "Open"), ("handed-in", "Handed In")],
                        default="none",
                        max_length=10,
                    ),
                ),
                ("old_document_at", models.DateTimeField(null=True)),
                ("asked_more", models.CharField(blank=True, max_length=500)),
                ("asked_more_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, max_length=500)),
                ("activated_at", models.DateTimeField(null=True)),
                (
                    "activated_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "identity",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="foundation.identity",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "old_document_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "paid_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dossier",
                        to="lockers.request",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_dossier_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_dossier_fence"),
                    onthaal.central.foundation.tenancy.Within("request", name="lockers_dossier_within_request"),
                    onthaal.central.foundation.tenancy.Within("identity", name="lockers_dossier_within_identity"),
                    onthaal.central.foundation.tenancy.Within("paid_by", name="lockers_dossier_within_paid_by"),
                    onthaal.central.foundation.tenancy.Within(
                        "old_document_by", name="lockers_dossier_within_old_document_by"
                    ),
                    onthaal.central.foundation.tenancy.Within(
                        "activated_by", name="lockers_dossier_within_activated_by"
                    ),
                    models.UniqueConstraint(fields=("municipality", "number"), name="one_dossier_per_number"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningAsked",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=200)),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "command",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="lockers.command",
                    ),
                ),
                (
                    "compartment",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="lockers.compartment"
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handover",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="lockers.handover"
                    ),
                ),
                (
                    "kiosk",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lockers.kiosk",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="lockers_openingasked_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="lockers_openingasked_fence"),
                    onthaal.central.foundation.tenancy.Within("kiosk", name="lockers_openingasked_within_kiosk"),
                    onthaal.central.foundation.tenancy.Within(
                        "compartment", name="lockers_openingasked_within_compartment"
                    ),
                    onthaal.central.foundation.tenancy.Within("handover", name="lockers_openingasked_within_handover"),
                    onthaal.central.foundation.tenancy.Within("asked_by", name="lockers_openingasked_within_asked_by"),
                    onthaal.central.foundation.tenancy.Within(
                        "confirmed_by", name="lockers_openingasked_within_confirmed_by"
                    ),
                    onthaal.central.foundation.tenancy.Within("command", name="lockers_openingasked_within_command"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="opening_needs_two_people",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("confirmed_at", None), ("withdrawn_at", None)),
                        fields=("handover",),
                        name="one_opening_asked_per_handover",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="Attachment",
            name="dossier",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attachments",
                to="lockers.dossier",
            ),
        ),
        migrations.AddConstraint(
            model_name="Attachment",
            constraint=onthaal.central.foundation.tenancy.Within("dossier", name="lockers_attachment_within_dossier"),
        ),
        migrations.AddField(
            model_name="Clearance",
            name="product",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="clearances",
                to="lockers.product",
            ),
        ),
        migrations.AddConstraint(
            model_name="Clearance",
            constraint=onthaal.central.foundation.tenancy.Within("product", name="lockers_clearance_within_product"),
        ),
        migrations.RunSQL(
            sql="\nCREATE FUNCTION lockers_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n    RAISE EXCEPTION '% is_fixed', TG_ARGV[0] USING ERRCODE = 'check_violation';\nEND $$\n",
            reverse_sql="DROP FUNCTION lockers_is_fixed()",
        ),
        migrations.RunSQL(
            sql="\nCREATE TRIGGER product_kind BEFORE UPDATE ON lockers_product FOR EACH ROW WHEN (OLD.kind <> NEW.kind)\nEXECUTE FUNCTION lockers_is_fixed('product_kind')\n",
            reverse_sql="DROP TRIGGER product_kind ON lockers_product",
        ),
        migrations.RunSQL(
            sql="\nCREATE TRIGGER product_personal BEFORE UPDATE ON lockers_product FOR EACH ROW WHEN (OLD.personal AND (NOT NEW.personal OR OLD.two_staff <> NEW.two_staff))\nEXECUTE FUNCTION lockers_is_fixed('product_personal')\n",
            reverse_sql="DROP TRIGGER product_personal ON lockers_product",
        ),
        migrations.RunSQL(
            sql="\nCREATE TRIGGER item_product BEFORE UPDATE ON lockers_item FOR EACH ROW WHEN (OLD.product_id <> NEW.product_id)\nEXECUTE FUNCTION lockers_is_fixed('item_product')\n",
            reverse_sql="DROP TRIGGER item_product ON lockers_item",
        ),
        migrations.RunSQL(
            sql="\nCREATE TRIGGER handover_product BEFORE UPDATE ON lockers_handover FOR EACH ROW WHEN (OLD.product_id <> NEW.product_id)\nEXECUTE FUNCTION lockers_is_fixed('handover_product')\n",
            reverse_sql="DROP TRIGGER handover_product ON lockers_handover",
        ),
        migrations.RunSQL(
            sql="\nCREATE TRIGGER request_product BEFORE UPDATE ON lockers_request FOR EACH ROW WHEN (OLD.product_id <> NEW.product_id)\nEXECUTE FUNCTION lockers_is_fixed('request_product')\n",
            reverse_sql="DROP TRIGGER request_product ON lockers_request",
        ),
    ]

    operations = at_once(operations)
