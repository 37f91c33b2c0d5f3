"""The pages' addresses."""

from django.urls import URLPattern, path

from conversions.web import batch, convert, download, history, keys, own_data, post, sharing, usage, webhooks

urlpatterns: list[URLPattern] = [
    path("", convert.home, name="home"),
    path("manifest.webmanifest", sharing.manifest, name="manifest"),
    path("convert/", convert.convert, name="convert"),
    path("history/", history.history, name="history"),
    path("batches/<uuid:batch_id>/", batch.batch, name="batch"),
    path("batches/<uuid:batch_id>/progress/", batch.progress, name="batch-progress"),
    path("batches/<uuid:batch_id>/posts.<str:form>", download.download, name="download"),
    path("posts/<uuid:conversion_id>/edit/", post.edit, name="post-edit"),
    path("posts/<uuid:conversion_id>/versions/", post.versions, name="post-versions"),
    path("posts/<uuid:conversion_id>/versions/<int:number>/restore/", post.restore, name="post-restore"),
    path("posts/<uuid:conversion_id>/again/", post.write_again, name="post-again"),
    path("posts/<uuid:conversion_id>/cancel/", post.cancel, name="post-cancel"),
    path("account/export/", own_data.export, name="account-export"),
    path("account/export/newsforge.json", own_data.export_file, name="account-export-file"),
    path("account/delete/", own_data.delete_account, name="account-delete"),
    path("count/<str:platform>/", post.count, name="count"),
    path("usage/", usage.usage, name="usage"),
    path("usage/<str:group>.csv", usage.usage_file, name="usage-file"),
    path("keys/", keys.keys, name="keys"),
    path("keys/add/", keys.add, name="key-add"),
    path("keys/<uuid:key_id>/test/", keys.test, name="key-test"),
    path("keys/<uuid:key_id>/switch/", keys.switch, name="key-switch"),
    path("keys/<uuid:key_id>/delete/", keys.delete, name="key-delete"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/add/", webhooks.add, name="webhook-add"),
    path("webhooks/<uuid:endpoint_id>/", webhooks.webhook, name="webhook"),
    path("webhooks/<uuid:endpoint_id>/rotate/", webhooks.rotate, name="webhook-rotate"),
    path("webhooks/<uuid:endpoint_id>/test/", webhooks.try_out, name="webhook-test"),
    path("webhooks/<uuid:endpoint_id>/switch/", webhooks.switch, name="webhook-switch"),
    path("webhooks/<uuid:endpoint_id>/delete/", webhooks.delete, name="webhook-delete"),
    path("webhooks/messages/<uuid:delivery_id>/replay/", webhooks.replay, name="webhook-replay"),
]
