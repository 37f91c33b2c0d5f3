"""The API: closed unless a view opens it, problem+json, cursors, one schema."""

from newsforge import __version__

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api.limits.BurstThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["newsforge.lib.json_body.JsonBody"],
    "DEFAULT_PAGINATION_CLASS": "conversions.api.pagination.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "newsforge.lib.problem.exception_handler",
    "DEFAULT_VERSIONING_CLASS": None,
    # OPTIONS is no method of ours: what an address takes is in the schema.
    "DEFAULT_METADATA_CLASS": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "NewsForge Pro",
    "DESCRIPTION": "A news article becomes ready-to-post texts, every fact checked against the article.",
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",
    "DEFAULT_GENERATOR_CLASS": "newsforge.lib.schema.EnglishSchemaGenerator",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # No badge from an online validator, which the site's CSP would block.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": True, "validatorUrl": None},
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["newsforge.lib.schema.without_twins"],
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "conversions.api.problems.complete"],
    "WEBHOOKS": [
        "conversions.api.webhook_messages.SUCCEEDED",
        "conversions.api.webhook_messages.FAILED",
        "conversions.api.webhook_messages.CANCELLED",
        "conversions.api.webhook_messages.TESTED",
    ],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "BatchStatus": "conversions.api.serializers.BatchStatus",
        "DeliveryState": "conversions.enums.DeliveryState",
        "FailureCode": "conversions.enums.FailureCode",
        "Fault": "newsforge.lib.errors.Fault",
        "KeyProvider": "accounts.enums.KeyProvider",
        "KeyStatus": "accounts.enums.KeyStatus",
        "KeyVerdict": "conversions.enums.KeyVerdict",
        "Language": "conversions.enums.Language",
        "Platform": "conversions.enums.Platform",
        "ProviderWish": "conversions.api.serializers.PROVIDER_WISHES",
        "Status": "conversions.enums.Status",
        "Tone": "conversions.enums.Tone",
        "Verdict": "conversions.enums.Verdict",
        "WebhookEvent": "conversions.enums.WebhookEvent",
    },
}
