from django.db import migrations

from newsforge.lib.database import ForeignKeyOnDelete


class Migration(migrations.Migration):
    dependencies = [("conversions", "0001_initial")]

    operations = [
        ForeignKeyOnDelete("article", "user", "SET NULL"),
        ForeignKeyOnDelete("conversion", "user", "SET NULL"),
        ForeignKeyOnDelete("conversion", "article", "SET NULL"),
        ForeignKeyOnDelete("attempt", "conversion", "CASCADE"),
        ForeignKeyOnDelete("webhookendpoint", "user", "CASCADE"),
        ForeignKeyOnDelete("webhookdelivery", "endpoint", "CASCADE"),
        ForeignKeyOnDelete("webhookdelivery", "conversion", "SET NULL"),
        ForeignKeyOnDelete("webhookdelivery", "replay_of", "SET NULL"),
    ]
