from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.post_version import PostVersion
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    conversion_id: UUID,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/conversions/{conversion_id}/versions".format(
            conversion_id=quote(str(conversion_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | list[PostVersion] | None:
    if response.status_code == 200:
        response_200 = []
        _response_200 = response.json()
        for response_200_item_data in _response_200:
            response_200_item = PostVersion.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

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


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Problem | list[PostVersion]]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    conversion_id: UUID,
    *,
    client: AuthenticatedClient,
) -> Response[Problem | list[PostVersion]]:
    """List the versions of one post, newest first

     Return every state of its text; none while it is not written.

    Args:
        conversion_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | list[PostVersion]]
    """

    kwargs = _get_kwargs(
        conversion_id=conversion_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    conversion_id: UUID,
    *,
    client: AuthenticatedClient,
) -> Problem | list[PostVersion] | None:
    """List the versions of one post, newest first

     Return every state of its text; none while it is not written.

    Args:
        conversion_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | list[PostVersion]
    """

    return sync_detailed(
        conversion_id=conversion_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    conversion_id: UUID,
    *,
    client: AuthenticatedClient,
) -> Response[Problem | list[PostVersion]]:
    """List the versions of one post, newest first

     Return every state of its text; none while it is not written.

    Args:
        conversion_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | list[PostVersion]]
    """

    kwargs = _get_kwargs(
        conversion_id=conversion_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    conversion_id: UUID,
    *,
    client: AuthenticatedClient,
) -> Problem | list[PostVersion] | None:
    """List the versions of one post, newest first

     Return every state of its text; none while it is not written.

    Args:
        conversion_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | list[PostVersion]
    """

    return (
        await asyncio_detailed(
            conversion_id=conversion_id,
            client=client,
        )
    ).parsed
