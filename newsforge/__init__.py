"""NewsForge Pro: a news article becomes ready-to-post texts, every fact checked against the article."""

from newsforge.celery import app as celery_app

__version__ = "0.1.0"
__all__ = ["__version__", "celery_app"]
