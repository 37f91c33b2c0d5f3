from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.finding import Finding


T = TypeVar("T", bound="PostVersion")


@_attrs_define
class PostVersion:
    """One state of a post."""

    version: int
    """ 1 is what the provider wrote. """
    title: str
    content_generated: str
    hashtags: list[str]
    length: int
    limit: int | None
    findings: list[Finding]
    author: str
    """ A provider's name, or the address of who edited it. """
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        title = self.title

        content_generated = self.content_generated

        hashtags = self.hashtags

        length = self.length

        limit: int | None
        limit = self.limit

        findings = []
        for findings_item_data in self.findings:
            findings_item = findings_item_data.to_dict()
            findings.append(findings_item)

        author = self.author

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "version": version,
                "title": title,
                "content_generated": content_generated,
                "hashtags": hashtags,
                "length": length,
                "limit": limit,
                "findings": findings,
                "author": author,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.finding import Finding  # noqa: PLC0415

        d = dict(src_dict)
        version = d.pop("version")

        title = d.pop("title")

        content_generated = d.pop("content_generated")

        hashtags = cast(list[str], d.pop("hashtags"))

        length = d.pop("length")

        def _parse_limit(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        limit = _parse_limit(d.pop("limit"))

        findings = []
        _findings = d.pop("findings")
        for findings_item_data in _findings:
            findings_item = Finding.from_dict(findings_item_data)

            findings.append(findings_item)

        author = d.pop("author")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        post_version = cls(
            version=version,
            title=title,
            content_generated=content_generated,
            hashtags=hashtags,
            length=length,
            limit=limit,
            findings=findings,
            author=author,
            created_at=created_at,
        )

        post_version.additional_properties = d
        return post_version

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
