"""The admin's first page: how the service is and what it does, on one screen."""

from monitoring.dashboard.page import fragment

__all__ = ["fragment"]
