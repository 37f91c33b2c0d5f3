"""The API's addresses below /api/v1/. Each is served with and without a last slash; only the latter is documented."""

from __future__ import annotations

from django.urls import URLPattern, path

from conversions.api import views

ROUTES = (
    ("conversions", views.ConversionsView, "api-conversions"),
    ("conversions/<uuid:conversion_id>", views.ConversionView, "api-conversion"),
    ("conversions/<uuid:conversion_id>/cancel", views.CancelView, "api-conversion-cancel"),
    ("conversions/<uuid:conversion_id>/retry", views.RetryView, "api-conversion-retry"),
    ("batches/<uuid:batch_id>", views.BatchView, "api-batch"),
)

urlpatterns: list[URLPattern] = [
    *(path(route, view.as_view(), name=name) for route, view, name in ROUTES),
    *(path(f"{route}/", view.as_view()) for route, view, _ in ROUTES),
]
