from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.failure_code import FailureCode
from ..models.fault import Fault

T = TypeVar("T", bound="Failure")


@_attrs_define
class Failure:
    """Why a conversion failed, and whose fault it is."""

    code: FailureCode
    title: str
    error: str
    """ A few fixed English words; `Rate limit exceeded` for 429, `Insufficient quota` for 402. """
    detail: str
    fault: Fault
    retry_after: int | None
    """ Seconds the far side asked to wait, counted from `finished_at`. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code = self.code.value

        title = self.title

        error = self.error

        detail = self.detail

        fault = self.fault.value

        retry_after: int | None
        retry_after = self.retry_after

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "title": title,
                "error": error,
                "detail": detail,
                "fault": fault,
                "retry_after": retry_after,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        code = FailureCode(d.pop("code"))

        title = d.pop("title")

        error = d.pop("error")

        detail = d.pop("detail")

        fault = Fault(d.pop("fault"))

        def _parse_retry_after(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        retry_after = _parse_retry_after(d.pop("retry_after"))

        failure = cls(
            code=code,
            title=title,
            error=error,
            detail=detail,
            fault=fault,
            retry_after=retry_after,
        )

        failure.additional_properties = d
        return failure

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
