"""What the admin's lists need where there are a million rows; built while the product runs."""

from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.contrib.postgres.search import SearchVector
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversions", "0005_flag_and_fetch_ms")]

    operations = [
        AddIndexConcurrently("article", models.Index(fields=["-created_at"], name="idx_articles_created_at")),
        AddIndexConcurrently(
            "article", HashIndex(condition=~models.Q(url=""), fields=["url"], name="idx_articles_url")
        ),
        AddIndexConcurrently("article", GinIndex(SearchVector("title", config="simple"), name="idx_articles_title")),
        AddIndexConcurrently("attempt", models.Index(fields=["-created_at"], name="idx_attempts_created_at")),
        AddIndexConcurrently(
            "attempt",
            models.Index(
                condition=~models.Q(failure_code=""),
                fields=["failure_code", "-created_at"],
                name="idx_attempts_failure",
            ),
        ),
        AddIndexConcurrently(
            "attempt",
            HashIndex(condition=~models.Q(request_id=""), fields=["request_id"], name="idx_attempts_request_id"),
        ),
        AddIndexConcurrently(
            "conversion",
            models.Index(
                condition=models.Q(status__in=["failed", "cancelled"]),
                fields=["status", "-created_at"],
                name="idx_conversion_logs_ended",
            ),
        ),
        AddIndexConcurrently(
            "conversion",
            models.Index(
                condition=~models.Q(failure_code=""),
                fields=["failure_code", "-created_at"],
                name="idx_conversion_logs_failure",
            ),
        ),
        AddIndexConcurrently(
            "conversion",
            models.Index(fields=["target_platform", "-created_at"], name="idx_conversion_logs_platform"),
        ),
        AddIndexConcurrently(
            "conversion", models.Index(fields=["provider", "-created_at"], name="idx_conversion_logs_provider")
        ),
        AddIndexConcurrently(
            "conversion",
            models.Index(
                condition=models.Q(flagged_at__isnull=False),
                fields=["-created_at"],
                name="idx_conversion_logs_flagged",
            ),
        ),
    ]
