"""The API's addresses below /api/v1/. Each is served with and without a last slash; only the latter is documented."""

from __future__ import annotations

from django.urls import URLPattern, path

from conversions.api import event_views, key_views, money_views, post_views, views, webhook_views

ROUTES = (
    ("conversions", views.ConversionsView, "api-conversions"),
    ("conversions/<uuid:conversion_id>", views.ConversionView, "api-conversion"),
    ("conversions/<uuid:conversion_id>/cancel", views.CancelView, "api-conversion-cancel"),
    ("conversions/<uuid:conversion_id>/retry", views.RetryView, "api-conversion-retry"),
    ("conversions/<uuid:conversion_id>/regenerate", post_views.RegenerateView, "api-conversion-regenerate"),
    ("conversions/<uuid:conversion_id>/versions", post_views.VersionsView, "api-conversion-versions"),
    ("estimates", money_views.EstimatesView, "api-estimates"),
    ("usage", money_views.UsageView, "api-usage"),
    ("batches/<uuid:batch_id>", views.BatchView, "api-batch"),
    ("batches/<uuid:batch_id>/events", event_views.EventsView, "api-batch-events"),
    ("keys", key_views.KeysView, "api-keys"),
    ("keys/<uuid:key_id>", key_views.KeyView, "api-key"),
    ("keys/<uuid:key_id>/test", key_views.KeyTestView, "api-key-test"),
    ("webhooks", webhook_views.EndpointsView, "api-webhooks"),
    ("webhooks/<uuid:endpoint_id>", webhook_views.EndpointDetailView, "api-webhook"),
    ("webhooks/<uuid:endpoint_id>/rotate", webhook_views.RotateView, "api-webhook-rotate"),
    ("webhooks/<uuid:endpoint_id>/test", webhook_views.SendTestView, "api-webhook-test"),
    ("webhooks/<uuid:endpoint_id>/deliveries", webhook_views.DeliveriesView, "api-webhook-deliveries"),
    ("webhooks/deliveries/<uuid:delivery_id>", webhook_views.DeliveryView, "api-webhook-delivery"),
    ("webhooks/deliveries/<uuid:delivery_id>/replay", webhook_views.ReplayView, "api-webhook-replay"),
)

urlpatterns: list[URLPattern] = [
    *(path(route, view.as_view(), name=name) for route, view, name in ROUTES),
    *(path(f"{route}/", view.as_view()) for route, view, _ in ROUTES),
]
