from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversions", "0004_error_id")]

    operations = [
        migrations.RemoveConstraint(model_name="article", name="articles_not_negative"),
        migrations.AddField(
            model_name="article",
            name="fetch_ms",
            field=models.IntegerField(editable=False, null=True, verbose_name="of it, fetching (ms)"),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(("claim__gte", 0), ("fetch_ms__gte", 0), ("read_ms__gte", 0)),
                name="articles_not_negative",
            ),
        ),
        migrations.AddField(
            model_name="conversion",
            name="flagged_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="flagged"),
        ),
        migrations.AddField(
            model_name="conversion",
            name="flag_note",
            field=models.CharField(blank=True, db_default="", default="", max_length=300, verbose_name="note"),
        ),
    ]
