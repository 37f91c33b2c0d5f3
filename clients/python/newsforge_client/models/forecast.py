from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.basis_enum import BasisEnum

if TYPE_CHECKING:
    from ..models.estimate import Estimate


T = TypeVar("T", bound="Forecast")


@_attrs_define
class Forecast:
    """A whole request's price. With `basis` `typical` the article's length is assumed, not read."""

    basis: BasisEnum
    posts: list[Estimate]
    cost_usd: None | str
    max_cost_usd: None | str
    units: int
    units_left: int
    fits_quota: bool
    fits_budget: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        basis = self.basis.value

        posts = []
        for posts_item_data in self.posts:
            posts_item = posts_item_data.to_dict()
            posts.append(posts_item)

        cost_usd: None | str
        cost_usd = self.cost_usd

        max_cost_usd: None | str
        max_cost_usd = self.max_cost_usd

        units = self.units

        units_left = self.units_left

        fits_quota = self.fits_quota

        fits_budget = self.fits_budget

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "basis": basis,
                "posts": posts,
                "cost_usd": cost_usd,
                "max_cost_usd": max_cost_usd,
                "units": units,
                "units_left": units_left,
                "fits_quota": fits_quota,
                "fits_budget": fits_budget,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.estimate import Estimate  # noqa: PLC0415

        d = dict(src_dict)
        basis = BasisEnum(d.pop("basis"))

        posts = []
        _posts = d.pop("posts")
        for posts_item_data in _posts:
            posts_item = Estimate.from_dict(posts_item_data)

            posts.append(posts_item)

        def _parse_cost_usd(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        cost_usd = _parse_cost_usd(d.pop("cost_usd"))

        def _parse_max_cost_usd(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        max_cost_usd = _parse_max_cost_usd(d.pop("max_cost_usd"))

        units = d.pop("units")

        units_left = d.pop("units_left")

        fits_quota = d.pop("fits_quota")

        fits_budget = d.pop("fits_budget")

        forecast = cls(
            basis=basis,
            posts=posts,
            cost_usd=cost_usd,
            max_cost_usd=max_cost_usd,
            units=units,
            units_left=units_left,
            fits_quota=fits_quota,
            fits_budget=fits_budget,
        )

        forecast.additional_properties = d
        return forecast

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
