from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.key_provider import KeyProvider
from ..types import UNSET, Unset

T = TypeVar("T", bound="KeyCreateRequest")


@_attrs_define
class KeyCreateRequest:
    """A key to store."""

    name: str
    """ For people. """
    provider: KeyProvider
    key: str
    """ As the provider shows it; never given out again. """
    store_anyway: bool | Unset = False
    """ Store it although the provider refuses it, for example before it is paid for. """

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        provider = self.provider.value

        key = self.key

        store_anyway = self.store_anyway

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "provider": provider,
                "key": key,
            }
        )
        if store_anyway is not UNSET:
            field_dict["store_anyway"] = store_anyway

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        provider = KeyProvider(d.pop("provider"))

        key = d.pop("key")

        store_anyway = d.pop("store_anyway", UNSET)

        key_create_request = cls(
            name=name,
            provider=provider,
            key=key,
            store_anyway=store_anyway,
        )

        return key_create_request
