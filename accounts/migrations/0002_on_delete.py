from django.db import migrations

from newsforge.lib.database import ForeignKeyOnDelete


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        ForeignKeyOnDelete("apikey", "user", "CASCADE"),
        ForeignKeyOnDelete("accesstoken", "user", "CASCADE"),
        ForeignKeyOnDelete("quotagrant", "user", "CASCADE"),
        ForeignKeyOnDelete("quotagrant", "granted_by", "SET NULL"),
        ForeignKeyOnDelete("quotaentry", "user", "CASCADE"),
        ForeignKeyOnDelete("monthlyspend", "user", "CASCADE"),
        ForeignKeyOnDelete("idempotencyrecord", "user", "CASCADE"),
    ]
