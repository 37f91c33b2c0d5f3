"""What the admin's lists need besides: values that few rows have, and messages by when; built while the product runs."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversions", "0010_post_versions_on_delete")]

    operations = [
        AddIndexConcurrently(
            "article",
            models.Index(
                condition=~models.Q(verdict="ok"), fields=["verdict", "-created_at"], name="idx_articles_verdict"
            ),
        ),
        AddIndexConcurrently("attempt", models.Index(fields=["provider", "-created_at"], name="idx_attempts_provider")),
        AddIndexConcurrently(
            "webhookdelivery", models.Index(fields=["-created_at"], name="idx_webhook_deliveries_when")
        ),
        AddIndexConcurrently(
            "webhookdelivery", models.Index(fields=["event", "-created_at"], name="idx_webhook_deliveries_event")
        ),
    ]
