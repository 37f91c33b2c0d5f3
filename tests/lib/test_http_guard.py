"""Nothing inside a network is ever connected to: not as an address, not behind a name, not after a redirect.

No packet leaves: ``wire`` stands in the way of every look-up and connect.
"""

from __future__ import annotations

import socket
import time

import pytest

from newsforge.lib.errors import NewsforgeError, PermanentError, TransientError
from newsforge.lib.http import HttpPolicy, get, post
from newsforge.lib.http.errors import AddressNotAllowed, ConnectionRefused, FetchTimedOut, HostNotFound
from tests.lib.loopback import Loopback, Watch, answer, redirect

INSIDE = [
    "http://127.0.0.1/", "http://127.9.9.9/", "http://0.0.0.0/", "http://0.1.2.3/", "http://10.1.2.3/",
    "http://172.16.5.4/", "http://172.31.9.9/", "http://192.168.1.1/", "http://100.64.0.9/", "http://169.254.7.7/",
    "http://168.63.129.16/", "http://192.0.0.8/", "http://192.0.2.7/", "http://198.18.3.3/", "http://198.51.100.4/",
    "http://203.0.113.5/", "http://192.88.99.5/", "http://192.31.196.1/", "http://192.52.193.1/",
    "http://192.175.48.1/", "http://224.0.0.5/", "http://239.1.1.1/", "http://240.0.0.1/", "http://255.255.255.255/",
    "http://127.0.0.1./", "http://１２７.0.0.1/", "http://127。0。0。1/",
    "http://[::]/", "http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", "http://[fe80::1]/", "http://[febf::1]/",
    "http://[fec0::1]/", "http://[fc00::1]/", "http://[fd12:3456::1]/", "http://[ff02::1]/", "http://[100::1]/",
    "http://[2001:db8::1]/", "http://[3fff::1]/", "http://[5f00::1]/", "http://[2001:2::1]/", "http://[2620:4f:8000::1]/",
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:a00:1]/", "http://[::ffff:8.8.8.8]/",  # IPv4-mapped
    "http://[::10.0.0.1]/", "http://[::8.8.8.8]/",  # IPv4-compatible
    "http://[::ffff:0:10.0.0.1]/",  # SIIT
    "http://[64:ff9b::10.0.0.1]/", "http://[64:ff9b:1::a00:1]/",  # NAT64
    "http://[2002:a00:1::]/", "http://[2002:7f00:1::1]/",  # 6to4
    "http://[2001:0:a00:1::1]/",  # Teredo
    "http://localhost/", "http://LocalHost./", "http://api.localhost/", "http://ⓛⓞⓒⓐⓛhost/", "http://localhost.localdomain/",
    "http://redis/", "http://db./", "http://intranet/", "http://wiki.corp/", "http://nas.local/", "http://nas.lan/",
    "http://vault.internal/", "http://host.docker.internal/", "http://x.svc.cluster.local/", "http://a.home.arpa/",
    "http://metadata.google.internal/", "http://metadata.goog/",
    "http://example.com:22/", "http://example.com:8080/", "https://example.com:8443/", "http://8.8.8.8:6379/",
]  # fmt: skip

OUTSIDE = [
    "9.255.255.255", "11.0.0.1", "172.15.0.1", "172.32.0.1", "192.167.1.1", "192.169.1.1", "100.63.0.1", "100.128.0.1",
    "169.253.0.1", "169.255.0.1", "198.17.0.1", "198.20.0.1", "223.255.255.1", "128.0.0.1", "2606:4700::1111",
    "2a00:1450::1", "2404:6800::1",
]  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
def test_an_inside_address_is_never_connected_to(url: str, wire: Watch) -> None:
    wire.names["example.com"] = [["93.184.215.14"]]
    with pytest.raises(AddressNotAllowed) as failure:
        get(url=url, policy=HttpPolicy())
    assert failure.value.code == "address-not-allowed"
    assert (wire.connects, wire.lookups) == ([], [])


@pytest.mark.parametrize("url", INSIDE)
def test_nor_after_a_redirect(url: str, wire: Watch, server: Loopback) -> None:
    wire.through.add(server.port)
    server.pages["/"] = redirect(url)
    with pytest.raises(AddressNotAllowed):
        get(url=server.base, policy=server.policy())
    assert (wire.connects, wire.lookups) == ([], [])


@pytest.mark.parametrize(
    "url",
    [
        "ftp://10.0.0.1/",
        "file:///etc/hosts",
        "gopher://10.0.0.1/",
        "http://a@10.0.0.1/",
        "http:///10.0.0.1/",
        "http://[::1",
    ],
)
def test_a_redirect_to_something_else_says_so(url: str, wire: Watch, server: Loopback) -> None:
    wire.through.add(server.port)
    server.pages["/"] = redirect(url)
    with pytest.raises(PermanentError) as failure:
        get(url=server.base, policy=server.policy())
    assert failure.value.code == "invalid-url"
    assert "browser" in failure.value.detail
    assert wire.connects == []


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.7", "::1", "fd00::7", "64:ff9b::a00:1", "::ffff:10.0.0.7"])
@pytest.mark.parametrize("beside", [[], ["93.184.215.14"]])
def test_a_name_that_resolves_to_the_inside_is_refused(inside: str, beside: list[str], wire: Watch) -> None:
    wire.names["news.example.com"] = [[*beside, inside]]
    with pytest.raises(AddressNotAllowed) as failure:
        get(url="https://news.example.com/", policy=HttpPolicy())
    assert wire.connects == []
    assert inside not in failure.value.detail
    assert "news.example.com" in failure.value.detail


@pytest.mark.parametrize("address", OUTSIDE)
def test_public_addresses_pass(address: str, wire: Watch) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(ConnectionRefused):
        get(url=f"http://{host}/", policy=HttpPolicy())
    assert wire.connects == [(address, 80)]


def test_a_name_that_only_looks_local_passes(wire: Watch) -> None:
    wire.names["localhost.example.com"] = [["93.184.215.14"]]
    with pytest.raises(ConnectionRefused):
        get(url="https://localhost.example.com/", policy=HttpPolicy())
    assert wire.connects == [("93.184.215.14", 443)]


def test_a_name_that_changes_its_answer_gains_nothing(wire: Watch, server: Loopback) -> None:
    """Rebinding: what was vetted is what is connected to, in one look-up."""
    wire.names["rebind.example.com"] = [["93.184.215.14"], ["10.0.0.1"]]
    wire.through.add(server.port)
    wire.pretend["93.184.215.14"] = server.port
    server.pages["/"] = answer(body=b"public")
    assert get(url="http://rebind.example.com/", policy=HttpPolicy()).body == b"public"
    assert wire.lookups == ["rebind.example.com"]
    assert wire.connects == [("93.184.215.14", 80)]
    with pytest.raises(AddressNotAllowed):
        get(url="http://rebind.example.com/", policy=HttpPolicy())
    assert wire.connects == [("93.184.215.14", 80)]


def test_every_hop_is_vetted_anew(wire: Watch, server: Loopback) -> None:
    wire.names["rebind.example.com"] = [["93.184.215.14"], ["169.254.169.254"]]
    wire.through.add(server.port)
    wire.pretend["93.184.215.14"] = server.port
    server.pages["/"] = redirect("/next")
    with pytest.raises(AddressNotAllowed):
        get(url="http://rebind.example.com/", policy=HttpPolicy())
    assert wire.connects == [("93.184.215.14", 80)]


def test_the_host_header_is_the_name_and_not_the_address(wire: Watch, server: Loopback) -> None:
    wire.names["news.example.com"] = [["93.184.215.14"]]
    wire.through.add(server.port)
    wire.pretend["93.184.215.14"] = server.port
    server.pages["/a?b=1"] = answer(body=b"x")
    get(url="http://news.example.com/a?b=1#c", policy=HttpPolicy(user_agent="Paper/2"))
    head = server.requests[0].lower()
    assert head.startswith(b"get /a?b=1 http/1.1\r\n")
    assert b"\r\nhost: news.example.com\r\n" in head
    assert b"\r\nuser-agent: paper/2\r\n" in head
    assert b"forwarded" not in head
    assert b"cookie" not in head


def test_the_next_address_is_tried_when_the_first_is_dead(wire: Watch, server: Loopback) -> None:
    wire.names["two.example.com"] = [["2606:4700::1111", "93.184.215.14"]]
    wire.through.add(server.port)
    wire.pretend["93.184.215.14"] = server.port
    server.pages["/"] = answer(body=b"second")
    assert get(url="http://two.example.com/", policy=HttpPolicy()).body == b"second"
    assert wire.connects == [("2606:4700::1111", 80), ("93.184.215.14", 80)]


def test_proxies_of_the_environment_are_not_used(
    wire: Watch, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.port}")
    wire.through.add(server.port)
    wire.names["news.example.com"] = [["93.184.215.14"]]
    for scheme in ("http", "https"):
        with pytest.raises(ConnectionRefused):
            get(url=f"{scheme}://news.example.com/", policy=HttpPolicy())
    assert server.requests == []


def test_webhooks_pass_the_same_guard(wire: Watch) -> None:
    wire.names["hooks.example.com"] = [["10.0.0.1"]]
    for url in ("https://hooks.example.com/", "http://127.0.0.1/", "http://redis:6379/"):
        with pytest.raises(AddressNotAllowed):
            post(url=url, body=b"{}", headers={}, policy=HttpPolicy())
    assert wire.connects == []


def test_an_open_pair_opens_that_pair_only(wire: Watch) -> None:
    policy = HttpPolicy(allow=frozenset({("127.0.0.1", 8099), ("mock", 8080)}))
    wire.names["mock"] = [["172.18.0.5"]]
    for url in ("http://127.0.0.1:8099/", "http://mock:8080/"):
        with pytest.raises(ConnectionRefused):
            get(url=url, policy=policy)
    assert wire.connects == [("127.0.0.1", 8099), ("172.18.0.5", 8080)]
    for url in ("http://127.0.0.1:8098/", "http://127.0.0.2:8099/", "http://localhost:8099/", "http://mock/"):
        with pytest.raises(AddressNotAllowed):
            get(url=url, policy=policy)
    assert len(wire.connects) == 2


@pytest.mark.parametrize("host", ["no-such-name.example.com", "paper.invalid", "paper.test", "x.onion"])
def test_a_name_without_an_address_is_not_tried_again(host: str, wire: Watch) -> None:
    with pytest.raises(HostNotFound, match=host) as failure:
        get(url=f"https://{host}/", policy=HttpPolicy())
    assert isinstance(failure.value, PermanentError)
    assert wire.connects == []


def test_a_resolver_in_trouble_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", busy)
    with pytest.raises(TransientError) as failure:
        get(url="https://news.example.com/", policy=HttpPolicy())
    assert isinstance(failure.value, NewsforgeError)
    assert failure.value.code == "host-not-found"


def test_a_silent_resolver_ends_with_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object, **__: object) -> list[object]:
        time.sleep(0.8)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    began = time.monotonic()
    with pytest.raises(FetchTimedOut):
        get(url="https://news.example.com/", policy=HttpPolicy(timeout=0.2))
    assert time.monotonic() - began < 0.7
