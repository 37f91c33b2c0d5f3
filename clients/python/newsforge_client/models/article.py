from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.verdict import Verdict

T = TypeVar("T", bound="Article")


@_attrs_define
class Article:
    """What the post is about; empty until the page is read."""

    id: UUID
    url: str
    canonical_url: str
    title: str
    authors: list[str]
    published_at: datetime.datetime | None
    language: str
    site: str
    image: str
    verdict: Verdict
    reason: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        url = self.url

        canonical_url = self.canonical_url

        title = self.title

        authors = self.authors

        published_at: None | str
        if isinstance(self.published_at, datetime.datetime):
            published_at = self.published_at.isoformat()
        else:
            published_at = self.published_at

        language = self.language

        site = self.site

        image = self.image

        verdict = self.verdict.value

        reason = self.reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "url": url,
                "canonical_url": canonical_url,
                "title": title,
                "authors": authors,
                "published_at": published_at,
                "language": language,
                "site": site,
                "image": image,
                "verdict": verdict,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        url = d.pop("url")

        canonical_url = d.pop("canonical_url")

        title = d.pop("title")

        authors = cast(list[str], d.pop("authors"))

        def _parse_published_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                published_at_type_0 = datetime.datetime.fromisoformat(data)

                return published_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        published_at = _parse_published_at(d.pop("published_at"))

        language = d.pop("language")

        site = d.pop("site")

        image = d.pop("image")

        verdict = Verdict(d.pop("verdict"))

        reason = d.pop("reason")

        article = cls(
            id=id,
            url=url,
            canonical_url=canonical_url,
            title=title,
            authors=authors,
            published_at=published_at,
            language=language,
            site=site,
            image=image,
            verdict=verdict,
            reason=reason,
        )

        article.additional_properties = d
        return article

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
