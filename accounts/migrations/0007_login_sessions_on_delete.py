from django.db import migrations

from newsforge.lib.database import ForeignKeyOnDelete


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_login_sessions")]

    operations = [
        ForeignKeyOnDelete("loginsession", "session", "CASCADE"),
        ForeignKeyOnDelete("loginsession", "user", "CASCADE"),
    ]
