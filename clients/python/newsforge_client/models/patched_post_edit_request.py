from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="PatchedPostEditRequest")


@_attrs_define
class PatchedPostEditRequest:
    """Another text for a written post."""

    content_generated: str
    """ The whole post as it is to be, within the platform's limit; at most 100,000 characters. """
    title: None | str | Unset = UNSET
    """ Only where the platform has a title; left out, it stays. """
    version: int | Unset = UNSET
    """ The version the change was made to; 409 if it is no longer the newest. """

    def to_dict(self) -> dict[str, Any]:
        content_generated = self.content_generated

        title: None | str | Unset
        if isinstance(self.title, Unset):
            title = UNSET
        else:
            title = self.title

        version = self.version

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "content_generated": content_generated,
            }
        )
        if title is not UNSET:
            field_dict["title"] = title
        if version is not UNSET:
            field_dict["version"] = version

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        content_generated = d.pop("content_generated")

        def _parse_title(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        title = _parse_title(d.pop("title", UNSET))

        version = d.pop("version", UNSET)

        patched_post_edit_request = cls(
            content_generated=content_generated,
            title=title,
            version=version,
        )

        return patched_post_edit_request
