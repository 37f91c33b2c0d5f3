from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.key_verdict import KeyVerdict

T = TypeVar("T", bound="KeyCheck")


@_attrs_define
class KeyCheck:
    """What the provider said just now."""

    verdict: KeyVerdict
    code: str
    """ Return the failure's code, empty for a key that was accepted. """
    detail: str
    """ Return what to do about it, in the language of Accept-Language. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        verdict = self.verdict.value

        code = self.code

        detail = self.detail

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "verdict": verdict,
                "code": code,
                "detail": detail,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        verdict = KeyVerdict(d.pop("verdict"))

        code = d.pop("code")

        detail = d.pop("detail")

        key_check = cls(
            verdict=verdict,
            code=code,
            detail=detail,
        )

        key_check.additional_properties = d
        return key_check

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
