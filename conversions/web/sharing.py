"""How an article gets here from elsewhere: what a share or a bookmark hands over, and the app a phone installs."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse, QueryDict
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from conversions.web.forms import ADDRESS, BARE_ADDRESS

SHARED = ("url", "text", "title")
LONGEST_ADDRESS = 2000
LONGEST_NOTE = 500
"""Characters up to which a shared text with an address in it is a note about that address, not an article."""
LONGEST = 20_000
"""Characters of what is handed over; more does not come through an address."""


def shared(given: QueryDict) -> str:
    """Return what the form begins with: the address that was shared, or the text; nothing where neither is usable.

    Phones put an article's address into any of the three fields.
    """
    url, text, title = (given.get(name, "").replace("\0", "").strip()[:LONGEST] for name in SHARED)
    if len(url) <= LONGEST_ADDRESS and (ADDRESS.fullmatch(url) or BARE_ADDRESS.fullmatch(url)):
        return url
    address = ADDRESS.search(text) or ADDRESS.search(title)
    if address and len(text) <= LONGEST_NOTE:
        return address.group()
    return f"{title}\n\n{text}" if title and text else text


@require_safe
@vary_on_headers("Accept-Language")
def manifest(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - the signature is Django's
    """Say what a phone needs to install the site as an app and to offer it where articles are shared."""
    sizes = [(192, "any"), (512, "any"), (512, "maskable")]
    icons = [
        {
            "src": static(f"web/icon-{'maskable-' if purpose == 'maskable' else ''}{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size, purpose in sizes
    ]
    said = {
        "name": "NewsForge Pro",
        "short_name": "NewsForge",
        "description": _("A news article becomes ready-to-post texts for ten platforms, every fact checked against the "
                         "article."),
        "id": reverse("home"),
        "start_url": reverse("home"),
        "scope": reverse("home"),
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#1f4e79",
        "icons": [*icons, {"src": static("web/icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
        "share_target": {
            "action": reverse("home"), "method": "GET", "params": {name: name for name in SHARED},
        },
    }  # fmt: skip
    return JsonResponse(said, content_type="application/manifest+json")
