"""The pages' addresses."""

from django.urls import URLPattern, path

from conversions.web import batch, convert, download, history, post, sharing

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
    path("count/<str:platform>/", post.count, name="count"),
]
