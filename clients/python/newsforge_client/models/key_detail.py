from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.key_provider import KeyProvider
from ..models.key_status import KeyStatus

if TYPE_CHECKING:
    from ..models.key_problem import KeyProblem


T = TypeVar("T", bound="KeyDetail")


@_attrs_define
class KeyDetail:
    """One key by its ends; the rest of it is not among what can be read."""

    id: UUID
    name: str
    provider: KeyProvider
    prefix: str
    last_four: str
    fingerprint: str
    """ SHA-256 of the key in hexadecimal. """
    is_active: bool
    status: KeyStatus
    problem: KeyProblem | None
    accepted_at: datetime.datetime | None
    """ When the provider last took it; null: not tried yet. """
    usage_count: int
    last_used: datetime.datetime | None
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.key_problem import KeyProblem  # noqa: PLC0415

        id = str(self.id)

        name = self.name

        provider = self.provider.value

        prefix = self.prefix

        last_four = self.last_four

        fingerprint = self.fingerprint

        is_active = self.is_active

        status = self.status.value

        problem: dict[str, Any] | None
        if isinstance(self.problem, KeyProblem):
            problem = self.problem.to_dict()
        else:
            problem = self.problem

        accepted_at: None | str
        if isinstance(self.accepted_at, datetime.datetime):
            accepted_at = self.accepted_at.isoformat()
        else:
            accepted_at = self.accepted_at

        usage_count = self.usage_count

        last_used: None | str
        if isinstance(self.last_used, datetime.datetime):
            last_used = self.last_used.isoformat()
        else:
            last_used = self.last_used

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "provider": provider,
                "prefix": prefix,
                "last_four": last_four,
                "fingerprint": fingerprint,
                "is_active": is_active,
                "status": status,
                "problem": problem,
                "accepted_at": accepted_at,
                "usage_count": usage_count,
                "last_used": last_used,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.key_problem import KeyProblem  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        name = d.pop("name")

        provider = KeyProvider(d.pop("provider"))

        prefix = d.pop("prefix")

        last_four = d.pop("last_four")

        fingerprint = d.pop("fingerprint")

        is_active = d.pop("is_active")

        status = KeyStatus(d.pop("status"))

        def _parse_problem(data: object) -> KeyProblem | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                problem_type_0 = KeyProblem.from_dict(data)

                return problem_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KeyProblem | None, data)

        problem = _parse_problem(d.pop("problem"))

        def _parse_accepted_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                accepted_at_type_0 = datetime.datetime.fromisoformat(data)

                return accepted_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        accepted_at = _parse_accepted_at(d.pop("accepted_at"))

        usage_count = d.pop("usage_count")

        def _parse_last_used(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_used_type_0 = datetime.datetime.fromisoformat(data)

                return last_used_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        last_used = _parse_last_used(d.pop("last_used"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        key_detail = cls(
            id=id,
            name=name,
            provider=provider,
            prefix=prefix,
            last_four=last_four,
            fingerprint=fingerprint,
            is_active=is_active,
            status=status,
            problem=problem,
            accepted_at=accepted_at,
            usage_count=usage_count,
            last_used=last_used,
            created_at=created_at,
        )

        key_detail.additional_properties = d
        return key_detail

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
