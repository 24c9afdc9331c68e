from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("listen", "0005_outraged")]

    operations = [
        migrations.AddField(
            model_name="source",
            name="door",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="set while its network brings messages to us: the url it was told, when it was last asked about it (looked_at), the sources that are switched off meanwhile (instead_of)",
            ),
        ),
    ]
