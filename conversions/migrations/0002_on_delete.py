from django.db import migrations

from newsforge.lib.database import ForeignKeyOnDelete


class Migration(migrations.Migration):
    dependencies = [("conversions", "0001_initial")]

    operations = [
        ForeignKeyOnDelete("article", "user", "SET NULL"),
        ForeignKeyOnDelete("conversion", "user", "SET NULL"),
        ForeignKeyOnDelete("conversion", "article", "SET NULL"),
        ForeignKeyOnDelete("attempt", "conversion", "CASCADE"),
    ]
