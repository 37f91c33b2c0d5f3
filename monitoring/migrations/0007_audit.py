import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("monitoring", "0006_beat_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("serialized_data", models.JSONField(null=True)),
                ("changes", models.JSONField(null=True, verbose_name="change message")),
                ("additional_data", models.JSONField(blank=True, null=True, verbose_name="additional data")),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("object_pk", models.CharField(max_length=255, verbose_name="id")),
                ("object_id", models.BigIntegerField(blank=True, editable=False, null=True)),
                ("object_repr", models.TextField(verbose_name="what")),
                (
                    "action",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "create"), (1, "update"), (2, "delete"), (3, "access")], verbose_name="action"
                    ),
                ),
                ("cid", models.CharField(blank=True, max_length=255, null=True, verbose_name="request")),
                (
                    "timestamp",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        verbose_name="when",
                    ),
                ),
                ("remote_addr", models.GenericIPAddressField(blank=True, null=True, verbose_name="connected from")),
                ("actor_id", models.UUIDField(editable=False, null=True, verbose_name="account")),
                (
                    "actor_email",
                    models.CharField(blank=True, db_default="", default="", max_length=254, verbose_name="who"),
                ),
                (
                    "content_type",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contenttypes.contenttype",
                        verbose_name="kind",
                    ),
                ),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit log",
                "db_table": "audit_entries",
                "indexes": [
                    models.Index(fields=["object_pk", "content_type", "-id"], name="idx_audit_entries_object"),
                    models.Index(fields=["content_type", "-id"], name="idx_audit_entries_kind"),
                    models.Index(fields=["actor_email", "-id"], name="idx_audit_entries_actor"),
                    models.Index(fields=["action", "-id"], name="idx_audit_entries_action"),
                    models.Index(fields=["timestamp"], name="idx_audit_entries_timestamp"),
                    models.Index(fields=["cid"], name="idx_audit_entries_request"),
                ],
            },
        ),
    ]
