"""The closed sets of values; plain Python, so that the pipeline may use them."""

from enum import StrEnum


class Status(StrEnum):
    """Where a conversion stands; the last three are final."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED})
OPEN = frozenset(Status) - FINAL


class Platform(StrEnum):
    """Where a post is going."""

    X = "x"
    THREADS = "threads"
    BLUESKY = "bluesky"
    MASTODON = "mastodon"
    LINKEDIN = "linkedin"
    INSTAGRAM = "instagram"
    FACEBOOK = "facebook"
    KAKAO = "kakao"
    NAVER_BLOG = "naver_blog"
    YOUTUBE = "youtube"


class Provider(StrEnum):
    """Who writes a post."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    EXTRACTIVE = "extractive"


AUTO = "auto"
"""The provider a request names when it leaves the choice to us."""


class Language(StrEnum):
    """The language a post is asked for in; ``source`` means the article's own."""

    KOREAN = "ko"
    ENGLISH = "en"
    SOURCE = "source"


class Tone(StrEnum):
    """How a post speaks."""

    NEUTRAL = "neutral"
    FRIENDLY = "friendly"
    FORMAL = "formal"
    PUNCHY = "punchy"


class Verdict(StrEnum):
    """What a page turned out to be; only ``ok`` is written about."""

    UNREAD = "unread"
    OK = "ok"
    TOO_SHORT = "too_short"
    BLOCKED = "blocked"
    PAYWALLED = "paywalled"
    CONSENT_WALL = "consent_wall"
    JS_SHELL = "js_shell"
    NOT_AN_ARTICLE = "not_an_article"


PAID = (Provider.OPENAI, Provider.ANTHROPIC)
"""Those that take a key, in the order they are asked in unless staff say otherwise."""


class Payer(StrEnum):
    """Whose key a call to a provider was made with."""

    USER = "user"
    OPERATOR = "operator"
    NOBODY = "nobody"


class PromptState(StrEnum):
    """Where a version of the prompt stands; only a draft may be changed."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class AttemptState(StrEnum):
    """What became of a call to a provider."""

    OPEN = "open"
    ANSWERED = "answered"
    FAILED = "failed"


class KeyVerdict(StrEnum):
    """What a provider said when it was asked about a key."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNTESTED = "untested"


class DeliveryState(StrEnum):
    """Where a webhook message stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookEvent(StrEnum):
    """What an endpoint is told."""

    CONVERSION_SUCCEEDED = "conversion.succeeded"
    CONVERSION_FAILED = "conversion.failed"
    CONVERSION_CANCELLED = "conversion.cancelled"
    ENDPOINT_TEST = "endpoint.test"


class FailureCode(StrEnum):
    """Every way a conversion can end in ``failed``; the same strings are the errors' ``code``."""

    INVALID_URL = "invalid-url"
    ADDRESS_NOT_ALLOWED = "address-not-allowed"
    HOST_NOT_FOUND = "host-not-found"
    CONNECTION_REFUSED = "connection-refused"
    CONNECTION_FAILED = "connection-failed"
    FETCH_TIMED_OUT = "fetch-timed-out"
    PAGE_NOT_FOUND = "page-not-found"
    PAGE_FORBIDDEN = "page-forbidden"
    PAGE_ERROR = "page-error"
    TOO_MANY_REDIRECTS = "too-many-redirects"
    NOT_HTML = "not-html"
    TOO_LARGE = "too-large"
    EXTRACTION_TIMED_OUT = "extraction-timed-out"
    TOO_COMPLEX = "too-complex"
    TOO_SHORT = "too-short"
    BLOCKED = "blocked"
    PAYWALLED = "paywalled"
    CONSENT_WALL = "consent-wall"
    JS_SHELL = "js-shell"
    NOT_AN_ARTICLE = "not-an-article"
    EMPTY_TEXT = "empty-text"
    TEXT_TOO_LONG = "text-too-long"
    RATE_LIMITED = "rate-limited"
    KEY_QUOTA_EXHAUSTED = "key-quota-exhausted"
    BAD_KEY = "bad-key"
    KEY_FORBIDDEN = "key-forbidden"
    BAD_PROVIDER_REQUEST = "bad-provider-request"
    CONTEXT_TOO_LONG = "context-too-long"
    CONTENT_REFUSED = "content-refused"
    TRUNCATED = "truncated"
    MALFORMED_REPLY = "malformed-reply"
    EMPTY_REPLY = "empty-reply"
    PROVIDER_OVERLOADED = "provider-overloaded"
    PROVIDER_UNAVAILABLE = "provider-unavailable"
    PROVIDER_TIMED_OUT = "provider-timed-out"
    PROVIDER_UNREACHABLE = "provider-unreachable"
    BUDGET_EXCEEDED = "budget-exceeded"
    NO_PROVIDER_KEY = "no-provider-key"
    DOES_NOT_FIT = "does-not-fit"
    DEADLINE_EXCEEDED = "deadline-exceeded"
    WORKER_LOST = "worker-lost"
    INTERNAL_ERROR = "internal-error"
