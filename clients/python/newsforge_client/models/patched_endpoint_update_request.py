from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="PatchedEndpointUpdateRequest")


@_attrs_define
class PatchedEndpointUpdateRequest:
    """What to change; the rest stays."""

    url: str | Unset = UNSET
    """ Public, https, no port. """
    description: str | Unset = UNSET
    """ For people. """
    is_active: bool | Unset = UNSET
    """ false: nothing more is sent, and what waits is given up; true: from the next conversion on. """

    def to_dict(self) -> dict[str, Any]:
        url = self.url

        description = self.description

        is_active = self.is_active

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if url is not UNSET:
            field_dict["url"] = url
        if description is not UNSET:
            field_dict["description"] = description
        if is_active is not UNSET:
            field_dict["is_active"] = is_active

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        url = d.pop("url", UNSET)

        description = d.pop("description", UNSET)

        is_active = d.pop("is_active", UNSET)

        patched_endpoint_update_request = cls(
            url=url,
            description=description,
            is_active=is_active,
        )

        return patched_endpoint_update_request
