from django.db import migrations

from newsforge.lib.database import ForeignKeyOnDelete


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0003_incidents")]

    operations = [
        ForeignKeyOnDelete("notification", "incident", "CASCADE"),
        ForeignKeyOnDelete("notification", "channel", "SET NULL"),
    ]
