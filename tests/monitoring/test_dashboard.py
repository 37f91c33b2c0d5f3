"""The admin's first page and its pages of monitoring: what they say, to whom, and what they cost."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from pytest_django import Settings
from redis import Redis

from accounts.models import User
from conversions import operating, tallies
from conversions.enums import Status
from conversions.models import Conversion, ProviderSetting
from monitoring import dashboard, health
from monitoring.dashboard import page as dashboard_page
from monitoring.models import Dependency
from newsforge.lib.shared_state import SharedState
from tests.factories import (
    make_attempt,
    make_conversion,
    make_dependency,
    make_grant,
    make_heartbeat,
    make_incident,
    make_metric,
    make_provider,
    make_user,
)
from tests.pages import address

RIGHTS = {right.rpartition(".")[2]: panel for panel, (right, _) in dashboard_page.PANELS.items()}


def first_page(client: Client) -> str:
    return client.get(reverse("admin:index")).content.decode()


def panel(body: str, name: str) -> str:
    """The text of one panel, as one line."""
    found = re.search(rf'<section class="panel[^"]*" id="panel-{name}".*?</section>', body, re.DOTALL)
    assert found, name
    return " ".join(re.sub(r"<(?:title|desc)>.*?</(?:title|desc)>|<[^>]+>", " ", found[0]).split())


def staff_with(*rights: str) -> Client:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    return client


def end(user: User, status: Status, **fields: object) -> Conversion:
    now = timezone.now()
    return make_conversion(user, status=status, created_at=now, finished_at=now, **fields)


def make_day(user: User) -> None:
    for _ in range(3):
        end(user, Status.SUCCEEDED, processing_time_ms=1500)
    failed = end(user, Status.FAILED, failure_code="paywalled")
    make_conversion(user)
    make_attempt(failed, cost_usd=Decimal("0.25"), latency_ms=900, payer="operator")
    make_attempt(failed, cost_usd=None, state="failed", failure_code="provider-overloaded", provider="anthropic")


def test_it_says_what_was_asked_for_today_and_how_it_ended(desk: Client, acme: User) -> None:
    make_day(acme)
    body = first_page(desk)
    assert panel(body, "today").startswith("Conversions today 5 requested 75.0 % succeeded 1 failed")
    assert "succeeded 3, failed 1, other 1" in body


@pytest.mark.parametrize("is_counted", [False, True])
def test_it_says_the_same_once_the_hour_was_counted(desk: Client, acme: User, is_counted: bool) -> None:
    make_day(acme)
    if is_counted:
        tallies.fill(now=timezone.now())
    assert "5 requested 75.0 % succeeded 1 failed" in panel(first_page(desk), "today")


def test_each_failure_leads_to_the_conversions_that_failed_so(desk: Client, acme: User) -> None:
    make_day(acme)
    end(acme, Status.FAILED, failure_code="too-short")
    body = first_page(desk)
    assert "paywall 1" in panel(body, "failures")
    (link,) = re.findall(r'href="([^"]*failure_code=paywalled[^"]*)"', body)
    assert desk.get(link.replace("&amp;", "&")).context["cl"].result_count == 1


def test_it_says_what_was_spent_and_what_is_not_known(desk: Client, acme: User) -> None:
    make_day(acme)
    said = panel(first_page(desk), "spend")
    assert said.startswith("Spend Export as CSV $0.2500 today $0.2500 this month")
    assert "openai gpt-6-luna operator $0.2500 $0.2500 1" in said
    assert "The cost of 1 call is not known" in said


def test_the_spend_of_the_month_by_model_is_one_click_away(desk: Client, acme: User) -> None:
    make_day(acme)
    old = make_attempt(end(acme, Status.FAILED), cost_usd=Decimal(7), payer="operator")
    type(old).objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=40))
    tallies.fill(now=timezone.now())
    (link,) = re.findall(r'href="([^"]*/export/)"', first_page(desk))
    month = f"{timezone.localdate():%Y-%m}"
    answer = desk.get(link)
    lines = b"".join(answer).decode("utf-8-sig").splitlines()
    assert answer["Content-Disposition"] == f'attachment; filename="spend-{month}.csv"'
    assert lines[0] == "month,provider,model,paid_by,calls,tokens,cost_usd,calls_of_unknown_cost"
    assert [line for line in lines if line.startswith(f"{month},openai,gpt-6-luna,operator,1,")]
    assert "0.25" in lines[1]
    assert not [line for line in lines if ",7." in line], "what was spent in another month is not in it"
    before = f"{timezone.localdate() - timedelta(days=40):%Y-%m-01}"
    assert ",7." in b"".join(desk.get(link, {"month": before})).decode()
    assert desk.get(reverse("admin:conversions_hourlyspend_changelist"), {"month": before}).context["cl"].result_count
    assert desk.get(link, {"month": "soon"}).status_code == 400
    assert staff_with("view_conversion").get(link).status_code == 403


def test_it_says_how_long_stages_take(desk: Client, acme: User) -> None:
    make_day(acme)
    assert "writing 840 ms 840 ms 3" in panel(first_page(desk), "stages")
    assert "from claim to post 1.5 s 1.5 s 3" in panel(first_page(desk), "stages")


def test_it_says_what_waits_and_who_lives(desk: Client, acme: User) -> None:
    make_conversion(acme, not_before=timezone.now() - timedelta(minutes=12))
    make_heartbeat(name="w@h", kind="worker", details={"queues": ["writing", "reading"]})
    make_heartbeat(name="beat@h", seen_at=timezone.now() - timedelta(hours=1))
    said = panel(first_page(desk), "queue")
    assert "degraded 1 wait 0 are worked on 0 webhooks are due Longest wait: 12 minutes" in said
    assert "No worker takes from: sweeping" in said
    assert "Celery workers unhealthy 1" in said
    assert "Celery beat unhealthy 0" in said


def test_it_says_how_providers_are(desk: Client, acme: User) -> None:
    make_day(acme)
    openai = make_provider("openai")
    operating.pause(
        setting=openai, until=timezone.now() + timedelta(hours=1), reason="bills", actor="staff", now=timezone.now()
    )
    make_provider("anthropic")
    body = first_page(desk)
    said = panel(body, "providers")
    assert "openai paused 1 call" in said
    assert "anthropic closed 1 call" in said
    strips = re.findall(r'<svg class="chart chart-strip".*?</svg>', body, re.DOTALL)
    assert [strip.count("<rect") for strip in strips] == [60, 60]
    assert [('class="cell-ok"' in strip, 'class="cell-failed"' in strip) for strip in strips] == [(True, False), (False, True)]  # fmt: skip # noqa: E501
    ProviderSetting.objects.update(forced_open_until=None)


def test_it_says_what_is_wrong(desk: Client) -> None:
    assert "Nothing is wrong." in panel(first_page(desk), "incidents")


def test_an_incident_leads_to_its_page(desk: Client) -> None:
    incident = make_incident(acknowledged_by="ops@newsforge.example")
    make_incident(fingerprint="old", resolved_at=timezone.now())
    body = first_page(desk)
    said = panel(body, "incidents")
    assert said.startswith("Open incidents 1 critical Redis does not answer")
    assert said.endswith("ops@newsforge.example looks after it")
    assert reverse("admin:monitoring_incident_change", args=[incident.pk]) in body


def test_it_says_who_has_nearly_used_up_the_day_grants_included(desk: Client) -> None:
    make_user("calm@acme.example", api_quota_daily=10, api_quota_used=7)
    make_user("near@acme.example", api_quota_daily=10, api_quota_used=8)
    make_user("over@acme.example", api_quota_daily=10, api_quota_used=10)
    helped = make_user("helped@acme.example", api_quota_daily=10, api_quota_used=10)
    make_grant(helped, extra_daily=90)
    make_user("gone@acme.example", api_quota_daily=10, api_quota_used=10, is_active=False)
    assert panel(first_page(desk), "quota") == (
        "Users near their quota over@acme.example 10 / 10 near@acme.example 8 / 10"
    )


def test_everybody_sees_what_they_may_see_elsewhere(acme: User) -> None:
    make_day(acme)
    make_incident()
    for right in RIGHTS:
        body = first_page(staff_with(right))
        allowed = {name for name, (needed, _) in dashboard_page.PANELS.items() if needed.endswith(f".{right}")}
        shown = set(re.findall(r'id="panel-(\w+)"', body))
        expected: dict[str, set[str]] = {
            "conversions": {"today", "days", "failures"}, "processes": {"queue"},
        }  # fmt: skip
        assert shown == {each for name in allowed for each in expected.get(name, {name})}, right
    assert "panel-" not in first_page(staff_with())


def test_strangers_see_none_of_it(acme: User, globex: User) -> None:
    client = Client()
    client.force_login(globex)
    for name in ("index", "dashboard", "health", "charts"):
        for who in (Client(), client):
            answer = who.get(reverse(f"admin:{name}"))
            assert (answer.status_code, b"panel" in answer.content) == (302, False), name


@pytest.mark.django_db
def test_pages_of_monitoring_need_their_right() -> None:
    assert staff_with().get(reverse("admin:health")).status_code == 403
    assert staff_with().get(reverse("admin:charts")).status_code == 403
    assert staff_with("view_systemmetric").get(reverse("admin:charts")).status_code == 200
    assert staff_with("view_dependency").get(reverse("admin:health")).status_code == 200


def test_it_is_made_once_for_all_who_see_the_same_and_anew_after_a_while(desk: Client, acme: User) -> None:
    first = first_page(desk)
    make_day(acme)
    other = staff_with(*RIGHTS)
    assert panel(first_page(other), "today") == panel(first, "today")
    with translation.override("ko"):
        korean = dashboard.fragment(user=User.objects.get(email="staff@newsforge.example"), now=timezone.now())
    assert "5</strong>" in korean
    kept = Redis.from_url(django_settings.REDIS_URL)
    assert [key for key in kept.scan_iter("dashboard:*") if not 0 < int(str(kept.ttl(key))) <= 30] == []


def test_it_is_there_while_redis_is_away(
    desk: Client, acme: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = SharedState(url="redis://127.0.0.1:1/0")
    monkeypatch.setattr(dashboard_page, "_shared", lambda: nobody)
    assert "0 requested" in panel(first_page(desk), "today")
    make_day(acme)
    assert "5 requested" in panel(first_page(desk), "today")


@pytest.mark.parametrize("rights", [0, 2])
def test_it_costs_a_dozen_queries_at_most_and_two_for_rights(desk: Client, acme: User, rights: int) -> None:
    make_day(acme)
    client = staff_with(*RIGHTS) if rights else desk
    with CaptureQueriesContext(connection) as asked:
        first_page(client)
    assert len(asked) <= 12 + rights, "\n".join(query["sql"][:90] for query in asked)
    with CaptureQueriesContext(connection) as asked:
        first_page(client)
    assert len(asked) <= 2 + rights


def test_what_changes_can_be_fetched_by_itself(desk: Client, acme: User) -> None:
    make_day(acme)
    part = desk.get(reverse("admin:dashboard")).content.decode()
    body = first_page(desk)
    assert part in body
    assert "<html" not in part
    assert f'data-live-url="{reverse("admin:dashboard")}"' in body
    assert 'role="status" aria-live="polite"' in body
    assert re.search(r'<script src="[^"]*web/live.js" defer></script>', body)


def test_the_list_of_all_pages_stays_below(desk: Client) -> None:
    body = first_page(desk)
    assert body.index("panel-today") < body.index(address(Conversion, "changelist") + '" class="viewlink')


@pytest.mark.django_db(transaction=True)
def test_the_health_page_says_how_everything_is_and_since_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_kept", [])
    long_ago = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.get_default_timezone())
    make_dependency(name="celery_worker", status="unhealthy", since=long_ago, checked_at=long_ago)
    make_heartbeat(name="beat@web-1")
    make_heartbeat(name="sweep@web-1", kind="sweep", seen_at=timezone.now() - timedelta(hours=1))
    client = staff_with("view_dependency")
    body = " ".join(re.sub(r"<[^>]+>", " ", client.get(reverse("admin:health")).content.decode()).split())
    assert "Celery workers unhealthy – 2026-11-20 09:30:00 No worker takes from reading, sweeping, writing" in body
    assert "Last sweep: 2026-11-20 09:30:00" in body
    assert "beat@web-1 alive" in body
    assert "sweep@web-1 silent" in body
    assert re.search(r"PostgreSQL healthy \d+", body)


def test_charts_show_each_measure_of_the_span(desk: Client) -> None:
    now = timezone.now()
    for minutes, value in ((5, 10), (4, 30), (90, 99)):
        make_metric(
            metric_name="cpu_usage_percent", metric_value=value, timestamp=now - timedelta(minutes=minutes),
            metadata={"host": "web-1"},
        )  # fmt: skip
    make_metric(metric_name="something_new", metric_value=1, timestamp=now, metadata={"host": "web-1"})
    hour = desk.get(reverse("admin:charts")).content.decode()
    assert re.findall(r"<h2>(.*?)</h2>", hour)[-2:] == ["CPU (%)", "something_new"]
    assert "min 10 (" in hour
    assert "max 30 (" in hour
    assert "max 99 (" in desk.get(reverse("admin:charts"), {"span": "day"}).content.decode()
    assert desk.get(reverse("admin:charts"), {"span": "no such"}).status_code == 200


def test_charts_of_two_hosts_are_told_apart(desk: Client) -> None:
    for host in ("web-1", "web-2"):
        make_metric(metric_name="disk_usage_percent", timestamp=timezone.now(), metadata={"host": host})
    body = desk.get(reverse("admin:charts")).content.decode()
    assert "<h2>disk (%) · web-1</h2>" in body
    assert "<h2>disk (%) · web-2</h2>" in body


def test_without_measures_charts_say_why(desk: Client) -> None:
    assert escape("Nothing was measured in this time.") in desk.get(reverse("admin:charts")).content.decode()


def test_lists_lead_to_their_pages(desk: Client) -> None:
    assert reverse("admin:health") in desk.get(address(Dependency, "changelist")).content.decode()
    metric = make_metric()
    assert reverse("admin:charts") in desk.get(address(type(metric), "changelist")).content.decode()


@pytest.mark.parametrize("query", ["", "?o=1"])
def test_the_sick_stand_before_the_healthy(desk: Client, query: str) -> None:
    for name, status in (("a", "healthy"), ("b", "degraded"), ("c", "unhealthy"), ("d", "healthy")):
        make_dependency(name=name, status=status)
    rows = desk.get(address(Dependency, "changelist") + query).context["cl"].result_list
    assert [row.name for row in rows][:2] == ["c", "b"]
