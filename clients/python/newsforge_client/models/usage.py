from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.usage_row import UsageRow


T = TypeVar("T", bound="Usage")


@_attrs_define
class Usage:
    """What the customer's conversions came to."""

    from_: datetime.date
    group_by: str
    to: datetime.date
    rows: list[UsageRow]
    spent_this_month_usd: str
    budget_usd: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from_ = self.from_.isoformat()

        group_by = self.group_by

        to = self.to.isoformat()

        rows = []
        for rows_item_data in self.rows:
            rows_item = rows_item_data.to_dict()
            rows.append(rows_item)

        spent_this_month_usd = self.spent_this_month_usd

        budget_usd: None | str
        budget_usd = self.budget_usd

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "from": from_,
                "group_by": group_by,
                "to": to,
                "rows": rows,
                "spent_this_month_usd": spent_this_month_usd,
                "budget_usd": budget_usd,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.usage_row import UsageRow  # noqa: PLC0415

        d = dict(src_dict)
        from_ = datetime.date.fromisoformat(d.pop("from"))

        group_by = d.pop("group_by")

        to = datetime.date.fromisoformat(d.pop("to"))

        rows = []
        _rows = d.pop("rows")
        for rows_item_data in _rows:
            rows_item = UsageRow.from_dict(rows_item_data)

            rows.append(rows_item)

        spent_this_month_usd = d.pop("spent_this_month_usd")

        def _parse_budget_usd(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        budget_usd = _parse_budget_usd(d.pop("budget_usd"))

        usage = cls(
            from_=from_,
            group_by=group_by,
            to=to,
            rows=rows,
            spent_this_month_usd=spent_this_month_usd,
            budget_usd=budget_usd,
        )

        usage.additional_properties = d
        return usage

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
