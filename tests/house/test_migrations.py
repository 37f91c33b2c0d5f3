"""Every migration lets the code of the release before run on, and locks no table for long: the linter's own rules."""

from __future__ import annotations

import pytest
from django_migration_linter import MigrationLinter

OURS = ("accounts", "conversions", "monitoring")
BEFORE_THE_FIRST_RELEASE = {
    ("accounts", "0003_key_status"),
    ("accounts", "0005_lists_of_the_admin"),
    ("conversions", "0004_error_id"),
    ("conversions", "0007_prompts"),
    ("conversions", "0008_hourly_tallies"),
    ("monitoring", "0005_counters"),
}
"""What the linter says of these is true, and nobody ran the code before them. New ones are mended instead: a column
that may not be empty gets a ``db_default``; what goes has been used by nobody for a release; an index on a table that
has rows is made by ``AddIndexConcurrently``. A new table's own index may stand here, with that reason."""


@pytest.mark.django_db(transaction=True)  # indexes are made concurrently outside of one
def test_the_code_of_the_release_before_runs_on_the_new_tables(capsys: pytest.CaptureFixture[str]) -> None:
    linter = MigrationLinter(include_apps=OURS, analyser_string="postgresql", all_warnings_as_errors=True)
    migrations = [each for each in linter.migration_loader.disk_migrations.values() if each.app_label in OURS]
    assert len(migrations) >= 24
    found = set()
    for migration in migrations:
        linter.reset_counters()
        linter.lint_migration(migration)
        assert linter.nb_valid + linter.nb_erroneous == 1
        if linter.nb_erroneous:
            found.add((migration.app_label, migration.name))
    assert found == BEFORE_THE_FIRST_RELEASE, capsys.readouterr().out
