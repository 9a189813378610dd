from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0003_provider_state"),
    ]

    operations = [
        migrations.AddField(
            model_name="clientkey",
            name="public",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="identity",
            name="language",
            field=models.CharField(blank=True, default="", max_length=2),
            preserve_default=False,
        ),
    ]
