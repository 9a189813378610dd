# For a new database: everything at once, in a third of the time. One that is there already takes its steps one by one.

import django.contrib.postgres.fields
import django.contrib.postgres.operations
import django.db.models.deletion
import onthaal.central.foundation.tenancy
import uuid
from django.conf import settings
from django.db import migrations, models

from onthaal.central.foundation.tables import at_once


class Migration(migrations.Migration):
    replaces = [
        ("foundation", "0001_initial"),
        ("foundation", "0002_personal"),
        ("foundation", "0003_provider_state"),
        ("foundation", "0004_what_is_published"),
    ]

    initial = True

    dependencies = []

    operations = [
        django.contrib.postgres.operations.BtreeGistExtension(),
        migrations.CreateModel(
            name="Municipality",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=100)),
                ("host", models.CharField(max_length=255, unique=True)),
                ("address", models.CharField(blank=True, max_length=200)),
                ("help_phone", models.CharField(max_length=40)),
                ("duty_address", models.EmailField(max_length=254)),
                ("sender_address", models.EmailField(max_length=254)),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("nl", "Nederlands"), ("fr", "français"), ("en", "English")], max_length=2
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                ("epoch", models.PositiveIntegerField(default=1)),
            ],
            options={
                "verbose_name_plural": "municipalities",
            },
        ),
        migrations.CreateModel(
            name="SignInTry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("wrong", models.PositiveIntegerField(default=0)),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["last_at"], name="sign_in_try_age")],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("pseudonym", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("username", models.CharField(max_length=80)),
                ("name", models.CharField(max_length=100)),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "language",
                    models.CharField(
                        choices=[("nl", "Nederlands"), ("fr", "français"), ("en", "English")],
                        default="nl",
                        max_length=2,
                    ),
                ),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("clerk", "Clerk"),
                                ("technician", "Technician"),
                                ("administrator", "Administrator"),
                                ("auditor", "Auditor"),
                            ],
                            max_length=20,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
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
                    models.UniqueConstraint(fields=("municipality", "id"), name="foundation_account_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="foundation_account_fence"),
                    models.UniqueConstraint(fields=("municipality", "username"), name="one_account_per_username"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClientKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kid", models.CharField(max_length=64)),
                ("use", models.CharField(choices=[("sig", "Sign"), ("enc", "Encrypt")], max_length=3)),
                ("sealed", models.BinaryField()),
                ("made_at", models.DateTimeField()),
                ("signs_from", models.DateTimeField(null=True)),
                ("replaced_at", models.DateTimeField(null=True)),
                ("gone_at", models.DateTimeField(null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                ("public", models.JSONField(null=True)),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="foundation_clientkey_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="foundation_clientkey_fence"),
                    models.UniqueConstraint(fields=("municipality", "kid"), name="one_client_key_per_kid"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Digest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("heads", models.JSONField()),
                ("signature", models.BinaryField()),
                ("signed_at", models.DateTimeField()),
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
                    models.UniqueConstraint(fields=("municipality", "id"), name="foundation_digest_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="foundation_digest_fence"),
                    models.UniqueConstraint(fields=("municipality", "day"), name="one_digest_per_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stream", models.CharField(max_length=80)),
                ("number", models.PositiveBigIntegerField()),
                ("at", models.DateTimeField()),
                ("noted_at", models.DateTimeField()),
                ("kind", models.CharField(max_length=60)),
                ("by", models.CharField(blank=True, max_length=60)),
                ("about", models.JSONField(default=dict)),
                ("data", models.JSONField(default=dict)),
                ("hash", models.BinaryField()),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["municipality", "kind", "at"], name="entry_kind"),
                    models.Index(fields=["municipality", "at"], name="entry_at"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="foundation_entry_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="foundation_entry_fence"),
                    models.UniqueConstraint(fields=("municipality", "stream", "number"), name="one_entry_per_number"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Following",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entry", models.BigIntegerField()),
                ("follower", models.CharField(max_length=100)),
                ("due_at", models.DateTimeField()),
                ("tries", models.PositiveIntegerField(default=0)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("gave_up_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=200)),
                (
                    "municipality",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None), ("gave_up_at", None)),
                        fields=["due_at"],
                        name="following_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("entry", "follower"), name="one_following_per_follower")
                ],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pseudonym", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("organisation", models.CharField(blank=True, max_length=120)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=40)),
                (
                    "language",
                    models.CharField(
                        choices=[("nl", "Nederlands"), ("fr", "français"), ("en", "English")],
                        default="nl",
                        max_length=2,
                    ),
                ),
                ("low", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "people",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="foundation_person_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="foundation_person_fence"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Provider",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("profile", models.SlugField(max_length=20)),
                ("issuer", models.URLField()),
                ("client_id", models.CharField(max_length=200)),
                ("portal_service", models.CharField(blank=True, max_length=80)),
                ("wall_service", models.CharField(blank=True, max_length=80)),
                ("authorisation", models.CharField(blank=True, max_length=120)),
                ("in_portal", models.BooleanField(default=True)),
                ("at_wall_page", models.BooleanField(default=True)),
                ("at_wall_phone", models.BooleanField(default=True)),
                ("refuse_on_call", models.BooleanField(default=True)),
                ("enabled", models.BooleanField(default=True)),
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
                    models.UniqueConstraint(fields=("municipality", "id"), name="foundation_provider_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="foundation_provider_fence"),
                    models.UniqueConstraint(fields=("municipality", "profile"), name="one_provider_per_profile"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=40, unique=True)),
                ("notice", models.BigIntegerField()),
                ("pending", models.BooleanField(default=True)),
                (
                    "municipality",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("pending", True)), fields=["municipality"], name="return_address_pending"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Stream",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("length", models.PositiveBigIntegerField(default=0)),
                ("head", models.BinaryField()),
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
                    models.UniqueConstraint(fields=("municipality", "id"), name="foundation_stream_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="foundation_stream_fence"),
                    models.UniqueConstraint(fields=("municipality", "name"), name="one_stream_per_name"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                (
                    "level",
                    models.CharField(
                        choices=[("note", "Note"), ("warning", "Warning"), ("critical", "Critical")], max_length=10
                    ),
                ),
                ("about", models.CharField(max_length=80)),
                ("slots", models.JSONField(default=dict)),
                ("raised_at", models.DateTimeField()),
                ("over_at", models.DateTimeField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
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
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="foundation_alert_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="foundation_alert_fence"),
                    onthaal.central.foundation.tenancy.Within(
                        "acknowledged_by", name="foundation_alert_within_acknowledged_by"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("acknowledged_at", None)),
                        fields=("municipality", "kind", "about"),
                        name="one_open_alert_per_subject",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issuer", models.URLField()),
                ("subject_key", models.CharField(max_length=64)),
                ("number_key", models.CharField(blank=True, max_length=64)),
                ("number_sealed", models.BinaryField(null=True)),
                ("birthdate_sealed", models.BinaryField(null=True)),
                ("bound_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identities",
                        to="foundation.person",
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=2)),
            ],
            options={
                "verbose_name_plural": "identities",
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("number_key", ""), _negated=True),
                        fields=["municipality", "number_key"],
                        name="identity_number",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="foundation_identity_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="foundation_identity_fence"),
                    onthaal.central.foundation.tenancy.Within("person", name="foundation_identity_within_person"),
                    models.UniqueConstraint(
                        condition=models.Q(("erased_at", None)),
                        fields=("municipality", "subject_key"),
                        name="one_identity_per_subject",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("address", models.EmailField(blank=True, max_length=254)),
                (
                    "language",
                    models.CharField(
                        choices=[("nl", "Nederlands"), ("fr", "français"), ("en", "English")], max_length=2
                    ),
                ),
                ("about", models.CharField(blank=True, max_length=80)),
                ("slots", models.JSONField(default=dict)),
                ("sealed", models.BinaryField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("held", "Held"),
                            ("due", "Due"),
                            ("sent", "Sent"),
                            ("bounced", "Bounced"),
                            ("dropped", "Dropped"),
                        ],
                        default="due",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("tries", models.PositiveIntegerField(default=0)),
                ("sent_at", models.DateTimeField(null=True)),
                ("bounced_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=200)),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="foundation.person",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="foundation_notice_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="foundation_notice_fence"),
                    onthaal.central.foundation.tenancy.Within("person", name="foundation_notice_within_person"),
                ],
                "indexes": [
                    models.Index(fields=["municipality", "status", "due_at"], name="notice_due"),
                    models.Index(fields=["municipality", "about"], name="notice_about"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProviderState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("looked_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("missed", models.PositiveSmallIntegerField(default=0)),
                ("silent_since", models.DateTimeField(null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        editable=False, on_delete=django.db.models.deletion.PROTECT, to="foundation.municipality"
                    ),
                ),
                (
                    "provider",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="state",
                        to="foundation.provider",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="foundation_providerstate_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="foundation_providerstate_fence"),
                    onthaal.central.foundation.tenancy.Within(
                        "provider", name="foundation_providerstate_within_provider"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("about", models.CharField(max_length=80)),
                ("slots", models.JSONField(default=dict)),
                ("opened_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
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
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="foundation_task_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="foundation_task_fence"),
                    onthaal.central.foundation.tenancy.Within("done_by", name="foundation_task_within_done_by"),
                    models.UniqueConstraint(
                        condition=models.Q(("done_at", None)),
                        fields=("municipality", "kind", "about"),
                        name="one_open_task_per_subject",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SignIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(max_length=12)),
                ("about", models.CharField(blank=True, max_length=80)),
                ("state_hash", models.CharField(max_length=64)),
                ("browser_hash", models.CharField(max_length=64)),
                ("sealed", models.BinaryField(null=True)),
                ("language", models.CharField(max_length=2)),
                ("started_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("why", models.CharField(blank=True, max_length=40)),
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
                "indexes": [models.Index(fields=["municipality", "started_at"], name="sign_in_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="foundation_signin_own"),
                    onthaal.central.foundation.tenancy.Fenced(name="foundation_signin_fence"),
                    onthaal.central.foundation.tenancy.Within("provider", name="foundation_signin_within_provider"),
                    onthaal.central.foundation.tenancy.Within("identity", name="foundation_signin_within_identity"),
                    models.UniqueConstraint(fields=("municipality", "state_hash"), name="one_sign_in_per_state"),
                ],
            },
        ),
    ]

    operations = at_once(operations)
