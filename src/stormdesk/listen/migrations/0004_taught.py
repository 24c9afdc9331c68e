import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("listen", "0003_behind"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Taught",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "heads",
                    models.BinaryField(
                        help_text="BrandHeads as it saves itself: arrays and JSON, nothing executable"
                    ),
                ),
                ("labels", models.PositiveIntegerField(help_text="words of people that are in it")),
                ("learnt_at", models.DateTimeField()),
                ("is_used", models.BooleanField(default=True)),
                (
                    "brand",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="taught", to="people.brand"
                    ),
                ),
            ],
        ),
    ]
