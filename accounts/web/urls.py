"""The addresses of the account page; what needs the conversions, export and deletion, is theirs."""

from django.urls import URLPattern, path

from accounts.web import account

urlpatterns: list[URLPattern] = [
    path("", account.account, name="account"),
    path("settings/", account.settings, name="account-settings"),
    path("sessions/<int:number>/end/", account.end_session, name="account-end-session"),
    path("sessions/end/", account.end_other_sessions, name="account-end-sessions"),
]
