from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.delivery_state import DeliveryState
from ..models.webhook_event import WebhookEvent

T = TypeVar("T", bound="Delivery")


@_attrs_define
class Delivery:
    """One message to an endpoint, and what came of it so far."""

    id: UUID
    message_id: str
    """ The webhook-id header; a replay has that of the first message. """
    endpoint_id: UUID
    conversion_id: None | UUID
    event: WebhookEvent
    state: DeliveryState
    tries: int
    next_try_at: None | str
    """ Return when it is sent next; null once it has ended. """
    last_status: int | None
    """ HTTP status; null when nobody answered. """
    last_error: str
    last_ms: int | None
    replay_of: None | UUID
    created_at: datetime.datetime
    finished_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        message_id = self.message_id

        endpoint_id = str(self.endpoint_id)

        conversion_id: None | str
        if isinstance(self.conversion_id, UUID):
            conversion_id = str(self.conversion_id)
        else:
            conversion_id = self.conversion_id

        event = self.event.value

        state = self.state.value

        tries = self.tries

        next_try_at: None | str
        next_try_at = self.next_try_at

        last_status: int | None
        last_status = self.last_status

        last_error = self.last_error

        last_ms: int | None
        last_ms = self.last_ms

        replay_of: None | str
        if isinstance(self.replay_of, UUID):
            replay_of = str(self.replay_of)
        else:
            replay_of = self.replay_of

        created_at = self.created_at.isoformat()

        finished_at: None | str
        if isinstance(self.finished_at, datetime.datetime):
            finished_at = self.finished_at.isoformat()
        else:
            finished_at = self.finished_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "message_id": message_id,
                "endpoint_id": endpoint_id,
                "conversion_id": conversion_id,
                "event": event,
                "state": state,
                "tries": tries,
                "next_try_at": next_try_at,
                "last_status": last_status,
                "last_error": last_error,
                "last_ms": last_ms,
                "replay_of": replay_of,
                "created_at": created_at,
                "finished_at": finished_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        message_id = d.pop("message_id")

        endpoint_id = UUID(d.pop("endpoint_id"))

        def _parse_conversion_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                conversion_id_type_0 = UUID(data)

                return conversion_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        conversion_id = _parse_conversion_id(d.pop("conversion_id"))

        event = WebhookEvent(d.pop("event"))

        state = DeliveryState(d.pop("state"))

        tries = d.pop("tries")

        def _parse_next_try_at(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_try_at = _parse_next_try_at(d.pop("next_try_at"))

        def _parse_last_status(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        last_status = _parse_last_status(d.pop("last_status"))

        last_error = d.pop("last_error")

        def _parse_last_ms(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        last_ms = _parse_last_ms(d.pop("last_ms"))

        def _parse_replay_of(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                replay_of_type_0 = UUID(data)

                return replay_of_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        replay_of = _parse_replay_of(d.pop("replay_of"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_finished_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                finished_at_type_0 = datetime.datetime.fromisoformat(data)

                return finished_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        finished_at = _parse_finished_at(d.pop("finished_at"))

        delivery = cls(
            id=id,
            message_id=message_id,
            endpoint_id=endpoint_id,
            conversion_id=conversion_id,
            event=event,
            state=state,
            tries=tries,
            next_try_at=next_try_at,
            last_status=last_status,
            last_error=last_error,
            last_ms=last_ms,
            replay_of=replay_of,
            created_at=created_at,
            finished_at=finished_at,
        )

        delivery.additional_properties = d
        return delivery

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
