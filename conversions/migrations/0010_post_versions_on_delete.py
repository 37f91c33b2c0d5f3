from django.db import migrations

from newsforge.lib.database import ForeignKeyOnDelete


class Migration(migrations.Migration):
    dependencies = [("conversions", "0009_post_versions")]

    operations = [ForeignKeyOnDelete("postversion", "conversion", "CASCADE")]
