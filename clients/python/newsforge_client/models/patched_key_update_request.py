from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="PatchedKeyUpdateRequest")


@_attrs_define
class PatchedKeyUpdateRequest:
    """What to change; the rest stays. Another key is another row: add it and delete this one."""

    name: str | Unset = UNSET
    """ For people. """
    is_active: bool | Unset = UNSET
    """ false: conversions no longer use it. """

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        is_active = self.is_active

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if is_active is not UNSET:
            field_dict["is_active"] = is_active

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name", UNSET)

        is_active = d.pop("is_active", UNSET)

        patched_key_update_request = cls(
            name=name,
            is_active=is_active,
        )

        return patched_key_update_request
