from django.db import migrations

from newsforge.lib.database import ForeignKeyOnDelete

ONLY_ADDED = """
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is only added to: % is refused.', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_entries_only_added BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
-- Tests that commit empty all tables when they end; they say so with a setting of their session.
CREATE TRIGGER audit_entries_never_emptied BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT WHEN (COALESCE(current_setting('newsforge.audit_truncate', true), '') <> 'on')
    EXECUTE FUNCTION refuse_audit_change();
"""

NO_MORE = """
DROP TRIGGER audit_entries_never_emptied ON audit_entries;
DROP TRIGGER audit_entries_only_added ON audit_entries;
DROP FUNCTION refuse_audit_change;
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0007_audit")]

    operations = [
        ForeignKeyOnDelete("auditentry", "content_type", "CASCADE"),
        migrations.RunSQL(ONLY_ADDED, NO_MORE),
    ]
