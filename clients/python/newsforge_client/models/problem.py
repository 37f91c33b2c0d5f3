from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.fault import Fault
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.problem_entry import ProblemEntry


T = TypeVar("T", bound="Problem")


@_attrs_define
class Problem:
    """An error as RFC 9457 writes it; act on `code`, show `detail`."""

    type_: str
    title: str
    error: str
    """ A few fixed English words; `Rate limit exceeded` for 429, `Insufficient quota` for 402. """
    status: int
    detail: str
    """ A sentence a person can act on, in the language of Accept-Language. """
    instance: str
    code: str
    """ Stable; the last part of `type`. """
    fault: Fault
    errors: list[ProblemEntry] | Unset = UNSET
    retry_after: int | Unset = UNSET
    """ Seconds to wait, as in the header Retry-After. """
    error_id: str | Unset = UNSET
    """ Tell us this when the fault is ours. """
    violated_policies: list[str] | Unset = UNSET
    """ Names in RateLimit-Policy that were gone beyond. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        title = self.title

        error = self.error

        status = self.status

        detail = self.detail

        instance = self.instance

        code = self.code

        fault = self.fault.value

        errors: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.errors, Unset):
            errors = []
            for errors_item_data in self.errors:
                errors_item = errors_item_data.to_dict()
                errors.append(errors_item)

        retry_after = self.retry_after

        error_id = self.error_id

        violated_policies: list[str] | Unset = UNSET
        if not isinstance(self.violated_policies, Unset):
            violated_policies = self.violated_policies

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "title": title,
                "error": error,
                "status": status,
                "detail": detail,
                "instance": instance,
                "code": code,
                "fault": fault,
            }
        )
        if errors is not UNSET:
            field_dict["errors"] = errors
        if retry_after is not UNSET:
            field_dict["retry_after"] = retry_after
        if error_id is not UNSET:
            field_dict["error_id"] = error_id
        if violated_policies is not UNSET:
            field_dict["violated-policies"] = violated_policies

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.problem_entry import ProblemEntry  # noqa: PLC0415

        d = dict(src_dict)
        type_ = d.pop("type")

        title = d.pop("title")

        error = d.pop("error")

        status = d.pop("status")

        detail = d.pop("detail")

        instance = d.pop("instance")

        code = d.pop("code")

        fault = Fault(d.pop("fault"))

        _errors = d.pop("errors", UNSET)
        errors: list[ProblemEntry] | Unset = UNSET
        if _errors is not UNSET:
            errors = []
            for errors_item_data in _errors:
                errors_item = ProblemEntry.from_dict(errors_item_data)

                errors.append(errors_item)

        retry_after = d.pop("retry_after", UNSET)

        error_id = d.pop("error_id", UNSET)

        violated_policies = cast(list[str], d.pop("violated-policies", UNSET))

        problem = cls(
            type_=type_,
            title=title,
            error=error,
            status=status,
            detail=detail,
            instance=instance,
            code=code,
            fault=fault,
            errors=errors,
            retry_after=retry_after,
            error_id=error_id,
            violated_policies=violated_policies,
        )

        problem.additional_properties = d
        return problem

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
