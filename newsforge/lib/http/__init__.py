"""The one door out of the product for addresses we did not choose: pages and webhooks.

A call goes one way: ``url`` reads the address, ``guard`` vets the name and what it resolves to, ``wire`` connects to
exactly that, ``body`` unpacks under a cap, ``client`` takes the next hop. The environment's proxies are not used.
"""

from newsforge.lib.http.client import Response, get, post
from newsforge.lib.http.policy import HttpPolicy, parse_allow
from newsforge.lib.http.url import parse_url, redact_url

__all__ = ["HttpPolicy", "Response", "get", "parse_allow", "parse_url", "post", "redact_url"]
