from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.payer_enum import PayerEnum
from ..models.platform import Platform

T = TypeVar("T", bound="Estimate")


@_attrs_define
class Estimate:
    """One platform's post: who would write it, and the likely and the highest price."""

    platform: Platform
    provider: str
    model: str
    payer: PayerEnum
    input_tokens: int
    output_tokens: int
    cost_usd: None | str
    max_cost_usd: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        platform = self.platform.value

        provider = self.provider

        model = self.model

        payer = self.payer.value

        input_tokens = self.input_tokens

        output_tokens = self.output_tokens

        cost_usd: None | str
        cost_usd = self.cost_usd

        max_cost_usd: None | str
        max_cost_usd = self.max_cost_usd

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "platform": platform,
                "provider": provider,
                "model": model,
                "payer": payer,
                "input_tokens": input_tokens,
                "output_tokens": output_tokens,
                "cost_usd": cost_usd,
                "max_cost_usd": max_cost_usd,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        platform = Platform(d.pop("platform"))

        provider = d.pop("provider")

        model = d.pop("model")

        payer = PayerEnum(d.pop("payer"))

        input_tokens = d.pop("input_tokens")

        output_tokens = d.pop("output_tokens")

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

        estimate = cls(
            platform=platform,
            provider=provider,
            model=model,
            payer=payer,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cost_usd=cost_usd,
            max_cost_usd=max_cost_usd,
        )

        estimate.additional_properties = d
        return estimate

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
