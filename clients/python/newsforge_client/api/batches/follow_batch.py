from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    batch_id: UUID,
    *,
    last_event_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id, Unset):
        headers["Last-Event-ID"] = last_event_id

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/batches/{batch_id}/events".format(
            batch_id=quote(str(batch_id), safe=""),
        ),
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | Problem | str | None:
    if response.status_code == 200:
        response_200 = response.text
        return response_200

    if response.status_code == 204:
        response_204 = cast(Any, None)
        return response_204

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 406:
        response_406 = Problem.from_dict(response.json())

        return response_406

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = Problem.from_dict(response.json())

        return response_500

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Any | Problem | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    batch_id: UUID,
    *,
    client: AuthenticatedClient,
    last_event_id: str | Unset = UNSET,
) -> Response[Any | Problem | str]:
    """Follow one request as server-sent events

     Send `stage` for each conversion that stands otherwise than you know, and `done` when all are at an
    end.

    `data` of `stage`: `conversion_id`, `target_platform`, `stage` (`queued`, `reading`, `writing`,
    `checking`,
    `succeeded`, `failed`, `cancelled`), `status`, `failure_code`; of `done`: `batch_id`, `status`. An
    answer lasts
    20 seconds at most and ends at once when too many listen: come back with `Last-Event-ID`, nothing is
    missed.
    204 means that you know the end.

    Args:
        batch_id (UUID):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem | str]
    """

    kwargs = _get_kwargs(
        batch_id=batch_id,
        last_event_id=last_event_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    batch_id: UUID,
    *,
    client: AuthenticatedClient,
    last_event_id: str | Unset = UNSET,
) -> Any | Problem | str | None:
    """Follow one request as server-sent events

     Send `stage` for each conversion that stands otherwise than you know, and `done` when all are at an
    end.

    `data` of `stage`: `conversion_id`, `target_platform`, `stage` (`queued`, `reading`, `writing`,
    `checking`,
    `succeeded`, `failed`, `cancelled`), `status`, `failure_code`; of `done`: `batch_id`, `status`. An
    answer lasts
    20 seconds at most and ends at once when too many listen: come back with `Last-Event-ID`, nothing is
    missed.
    204 means that you know the end.

    Args:
        batch_id (UUID):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem | str
    """

    return sync_detailed(
        batch_id=batch_id,
        client=client,
        last_event_id=last_event_id,
    ).parsed


async def asyncio_detailed(
    batch_id: UUID,
    *,
    client: AuthenticatedClient,
    last_event_id: str | Unset = UNSET,
) -> Response[Any | Problem | str]:
    """Follow one request as server-sent events

     Send `stage` for each conversion that stands otherwise than you know, and `done` when all are at an
    end.

    `data` of `stage`: `conversion_id`, `target_platform`, `stage` (`queued`, `reading`, `writing`,
    `checking`,
    `succeeded`, `failed`, `cancelled`), `status`, `failure_code`; of `done`: `batch_id`, `status`. An
    answer lasts
    20 seconds at most and ends at once when too many listen: come back with `Last-Event-ID`, nothing is
    missed.
    204 means that you know the end.

    Args:
        batch_id (UUID):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem | str]
    """

    kwargs = _get_kwargs(
        batch_id=batch_id,
        last_event_id=last_event_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    batch_id: UUID,
    *,
    client: AuthenticatedClient,
    last_event_id: str | Unset = UNSET,
) -> Any | Problem | str | None:
    """Follow one request as server-sent events

     Send `stage` for each conversion that stands otherwise than you know, and `done` when all are at an
    end.

    `data` of `stage`: `conversion_id`, `target_platform`, `stage` (`queued`, `reading`, `writing`,
    `checking`,
    `succeeded`, `failed`, `cancelled`), `status`, `failure_code`; of `done`: `batch_id`, `status`. An
    answer lasts
    20 seconds at most and ends at once when too many listen: come back with `Last-Event-ID`, nothing is
    missed.
    204 means that you know the end.

    Args:
        batch_id (UUID):
        last_event_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem | str
    """

    return (
        await asyncio_detailed(
            batch_id=batch_id,
            client=client,
            last_event_id=last_event_id,
        )
    ).parsed
