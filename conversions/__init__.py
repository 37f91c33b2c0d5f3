"""The job: an article becomes posts."""
