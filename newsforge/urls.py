"""Every address of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from monitoring import (
    sweep,  # noqa: F401 - pages tell the sentences (``stored``) that these two keep
    tasks,  # noqa: F401 - as above
)
from monitoring import views as monitoring
from monitoring.metrics.view import metrics

admin.autodiscover()

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("conversions.web.urls")),
    path("tokens/", include("accounts.web.token_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("accounts.web.entrance")),
    path("account/", include("accounts.web.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("conversions.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(template_name="api/docs.html"), name="docs"),
    path("status/", monitoring.public_status, name="status"),
    path("health/", monitoring.overview, name="health"),
    path("health/live/", monitoring.live, name="health-live"),
    path("health/ready/", monitoring.ready, name="health-ready"),
    path("metrics", metrics, name="metrics"),
]

handler400 = "newsforge.lib.problem.bad_request"
handler403 = "newsforge.lib.problem.permission_denied"
handler404 = "newsforge.lib.problem.page_not_found"
handler429 = "accounts.tries.too_many"
handler500 = "newsforge.lib.problem.server_error"
