"""Versions of the prompt: which one is chosen, and what the database keeps of them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from conversions import active_prompts, prompt_versions
from conversions.models import PromptVersion
from conversions.pipeline.prompts import DEFAULT, PromptTemplateInvalid
from conversions.prompt_versions import AlreadyActive, NothingBefore, StillNeeded
from tests.factories import activate_prompt as activate
from tests.factories import make_default_prompt, make_prompt

NOW = timezone.now()


@pytest.fixture
def shipped(db: None) -> PromptVersion:
    return make_default_prompt()


def chosen(platform: str, language: str) -> str:
    return active_prompts.in_force().choose(platform=platform, language=language).version


class TestWhichOneIsChosen:
    def test_what_comes_with_the_product_is_the_first_version(self, shipped: PromptVersion) -> None:
        assert shipped.template() == DEFAULT
        assert (shipped.state, shipped.platform, shipped.language) == ("active", "", "")
        assert chosen("x", "ko") == DEFAULT.version

    def test_the_closer_one_comes_first(self, shipped: PromptVersion) -> None:
        activate(version="en", language="en")
        activate(version="x", platform="x")
        activate(version="x-en", platform="x", language="en")
        found = [chosen(*each) for each in (("x", "en"), ("x", "ko"), ("x", "ja"), ("kakao", "en"), ("kakao", "ko"))]
        assert found == ["x-en", "x", "x", "en", DEFAULT.version]

    def test_without_any_row_the_one_in_the_code_stands(self, db: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE prompt_versions")
        assert chosen("x", "ko") == DEFAULT.version


class TestOneActive:
    def test_a_new_one_retires_the_old_one_in_its_place_alone(self, shipped: PromptVersion) -> None:
        first, second = activate(version="x1", platform="x"), activate(version="x2", platform="x")
        first.refresh_from_db()
        shipped.refresh_from_db()
        assert (first.state, second.state, shipped.state) == ("retired", "active", "active")
        assert second.activated_by == "staff"
        with pytest.raises(AlreadyActive):
            prompt_versions.activate(version=second, actor="staff", now=NOW)

    def test_the_database_knows_one_for_each_place(self, shipped: PromptVersion) -> None:
        activate(version="x1", platform="x")
        twin = make_prompt(version="x2", platform="x")
        with pytest.raises(IntegrityError, match="one_active"), transaction.atomic():
            PromptVersion.objects.filter(pk=twin.pk).update(state="active", activated_at=NOW)

    @pytest.mark.parametrize(
        "words", ["no article", "$$article", "$article $nonsense", "$article costs $5", "$article ${"]
    )
    def test_words_that_cannot_be_filled_never_become_active(self, shipped: PromptVersion, words: str) -> None:
        version = make_prompt(version="bad", user_template=words)
        with pytest.raises(PromptTemplateInvalid, match=r"Version bad .* \$article"):
            prompt_versions.activate(version=version, actor="staff", now=NOW)
        assert chosen("x", "ko") == DEFAULT.version
        if words != "$$article":  # the database does not know which dollar comes first
            with pytest.raises(IntegrityError, match="fillable"), transaction.atomic():
                PromptVersion.objects.filter(pk=version.pk).update(state="active", platform="youtube", activated_at=NOW)

    def test_back_to_the_one_before_and_forth_again(self, shipped: PromptVersion) -> None:
        new = activate(version="new")
        assert prompt_versions.roll_back(version=new, actor="staff", now=timezone.now()).pk == shipped.pk
        assert new.state == "retired"
        shipped.refresh_from_db()
        assert prompt_versions.roll_back(version=shipped, actor="staff", now=timezone.now()).pk == new.pk
        with pytest.raises(NothingBefore):
            prompt_versions.roll_back(version=activate(version="x1", platform="x"), actor="staff", now=NOW)

    def test_a_special_one_is_retired_and_the_general_one_is_not(self, shipped: PromptVersion) -> None:
        special = activate(version="x1", platform="x")
        prompt_versions.retire(version=special)
        active_prompts.forget()
        assert chosen("x", "ko") == DEFAULT.version
        for version in (special, shipped):
            with pytest.raises(StillNeeded):
                prompt_versions.retire(version=version)

    def test_copies_of_one_day_have_names_of_their_own(self, shipped: PromptVersion) -> None:
        first, second = (prompt_versions.copy(version=shipped, actor="staff", now=NOW) for _ in range(2))
        assert second.version == f"{first.version}.2"
        assert (second.state, second.user_template, second.created_by) == ("draft", DEFAULT.user, "staff")


class TestWhatWasActiveStays:
    @pytest.mark.parametrize(
        "change",
        ["system_template = 'x'", "user_template = '$article!'", "version = 'x'", "platform = 'x'", "language = 'ko'",
         "note = 'x'", "created_by = 'x'", "state = 'draft', activated_at = NULL"],
    )  # fmt: skip
    @pytest.mark.parametrize("state", ["active", "retired"])
    def test_plain_sql_cannot_change_it(self, shipped: PromptVersion, state: str, change: str) -> None:
        version = activate(version="special", platform="kakao")
        if state == "retired":
            prompt_versions.retire(version=version)
        with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE prompt_versions SET {change} WHERE version = 'special'")  # noqa: S608 - listed above

    def test_plain_sql_cannot_delete_it(self, shipped: PromptVersion) -> None:
        with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM prompt_versions WHERE state = 'active'")

    def test_a_draft_is_changed_and_discarded(self, shipped: PromptVersion) -> None:
        draft = make_prompt(version="draft")
        draft.user_template = "$article\nShorter."
        draft.save()
        draft.delete()
        assert not PromptVersion.objects.filter(version="draft").exists()
