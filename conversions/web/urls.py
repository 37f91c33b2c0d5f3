"""The pages' addresses."""

from django.urls import URLPattern, path

from conversions.web import views

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
]
