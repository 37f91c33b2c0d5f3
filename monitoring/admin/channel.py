"""Where alerts go: the address is entered once and never shown again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from monitoring import alerts, channels
from monitoring.models import Channel
from newsforge.lib.admin import HouseAdmin, badge, cut, row_button
from newsforge.lib.errors import NewsforgeError, PermanentError
from newsforge.lib.problem import told
from newsforge.lib.retelling import retold
from newsforge.lib.sentences import TESTED

MOST_AT_ONCE = 5
"""Channels one action tests: each answers within half a minute."""


class ChannelAddForm(forms.ModelForm[Channel]):
    """Take an address once."""

    url = forms.CharField(
        label=_("address"),
        max_length=2000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "size": 80}),
        help_text=_(
            "mailto://…, slack://… or the https:// address of an incoming webhook, or what else Apprise knows. "
            "Stored encrypted; nobody can read it here again."
        ),
    )

    class Meta:
        model = Channel
        fields = ("name", "minimum_severity", "is_last_resort")

    def clean_url(self) -> str:
        """Return the address; the row it is for has it sealed then.

        :raises ValidationError: if alerts cannot be sent there, or another channel has it.
        """
        url = str(self.cleaned_data["url"])
        try:
            channels.seal(channel=self.instance, url=url)
        except PermanentError as refusal:
            raise ValidationError(told(refusal)) from None
        return url


@admin.action(description=_("Send a test now"), permissions=["change"])
def send_test(page: admin.ModelAdmin[Channel], request: HttpRequest, chosen: QuerySet[Channel, Any]) -> None:
    """Send each channel a message that means nothing, and say what came of it."""
    sent = 0
    for channel in chosen[:MOST_AT_ONCE]:
        try:
            alerts.send_test(channel=channel, now=timezone.now())
        except NewsforgeError as failure:
            page.message_user(request, f"{channel.name}: {told(failure)}", messages.ERROR)
        else:
            page.log_change(request, channel, TESTED)
            sent += 1
    text = ngettext("%(count)s test message was taken.", "%(count)s test messages were taken.", sent)
    page.message_user(request, text % {"count": sent}, messages.SUCCESS if sent else messages.WARNING)
    left = chosen.count() - MOST_AT_ONCE
    if left > 0:
        rest = ngettext("%(count)s channel was not tested.", "%(count)s channels were not tested.", left)
        page.message_user(request, rest % {"count": left}, messages.WARNING)


@admin.register(Channel)
class ChannelAdmin(HouseAdmin[Channel]):
    """Alert channels; those of NEWSFORGE_ALERT_URLS appear by themselves."""

    sentences = ("last_error",)
    list_display = ("state", "name", "levers", "shown", "minimum_severity", "last_sent_at", "error")
    list_display_links = ("state", "name")
    list_filter = ("is_enabled", "source", "minimum_severity", "is_last_resort")
    search_fields = ("name", "shown")
    ordering = ("name",)
    actions = (send_test,)
    add_fields = ("name", "url", "minimum_severity", "is_last_resort")
    fields = (
        "name",
        "is_enabled",
        "minimum_severity",
        "is_last_resort",
        "source",
        "shown",
        "last_sent_at",
        "last_error",
        "last_error_at",
        "created_at",
    )
    readonly_fields = ("source", "shown", "last_sent_at", "last_error", "last_error_at", "created_at")

    @admin.display(description=_("status"), ordering="is_enabled")
    def state(self, channel: Channel) -> SafeString:
        """Return whether it is told anything, and whether it takes it."""
        if not channel.is_enabled:
            return badge(text=gettext_noop("disabled"), state="idle")
        if channel.last_error:
            return badge(text=gettext_noop("failing"), state="bad")
        return badge(text=gettext_noop("active"), state="good")

    @admin.display(description=_("last error"))
    def error(self, channel: Channel) -> SafeString:
        """Return what went wrong last in one line."""
        return cut(retold(channel.last_error))

    @admin.display(description=_("actions"))
    def levers(self, channel: Channel) -> SafeString:
        """Return the button that sends a test."""
        return row_button(action="send_test", row=channel, text=gettext("Send a test now"))

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show the button to those alone who may use it."""
        columns = super().get_list_display(request)
        return [each for each in columns if each != "levers" or self.has_change_permission(request)]

    def get_form(
        self, request: HttpRequest, obj: Channel | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Channel]]:
        """Use the form with the write-only field for a new channel."""
        if obj is None:
            kwargs["form"] = ChannelAddForm
        return super().get_form(request, obj, change=change, **kwargs)

    @method_decorator(sensitive_post_parameters("url"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the address out of error reports."""
        return super().changeform_view(request, *args, **kwargs)
