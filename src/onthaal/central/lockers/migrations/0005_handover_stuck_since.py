from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lockers", "0004_finding")]

    operations = [
        migrations.AddField(
            model_name="handover",
            name="stuck_since",
            field=models.DateTimeField(null=True),
        ),
    ]
