from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.ended_message_type import EndedMessageType

if TYPE_CHECKING:
    from ..models.ended import Ended


T = TypeVar("T", bound="EndedMessage")


@_attrs_define
class EndedMessage:
    """What is sent when a conversion ends."""

    type_: EndedMessageType
    timestamp: datetime.datetime
    """ When it became true; a try has its own in the headers. """
    data: Ended
    """ A conversion at its end, as it was then.

    When a message would be 20 kB or more, `complete` is false and the address, the title, the post, the hashtags
    and
    the findings are null: get them at `url`. A post is never cut. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_.value

        timestamp = self.timestamp.isoformat()

        data = self.data.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "timestamp": timestamp,
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.ended import Ended  # noqa: PLC0415

        d = dict(src_dict)
        type_ = EndedMessageType(d.pop("type"))

        timestamp = datetime.datetime.fromisoformat(d.pop("timestamp"))

        data = Ended.from_dict(d.pop("data"))

        ended_message = cls(
            type_=type_,
            timestamp=timestamp,
            data=data,
        )

        ended_message.additional_properties = d
        return ended_message

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
