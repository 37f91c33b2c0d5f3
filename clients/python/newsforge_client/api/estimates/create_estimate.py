from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.convert_address_request import ConvertAddressRequest
from ...models.convert_html_request import ConvertHtmlRequest
from ...models.convert_text_request import ConvertTextRequest
from ...models.forecast import Forecast
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: ConvertAddressRequest | ConvertHtmlRequest | ConvertTextRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/estimates",
    }

    if isinstance(body, ConvertAddressRequest):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, ConvertTextRequest):
        _kwargs["json"] = body.to_dict()
    else:
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Forecast | Problem | None:
    if response.status_code == 200:
        response_200 = Forecast.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 406:
        response_406 = Problem.from_dict(response.json())

        return response_406

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Forecast | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: ConvertAddressRequest | ConvertHtmlRequest | ConvertTextRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Forecast | Problem]:
    """Estimate a request's price without making it

     Take the same body as a request for conversions; nothing is fetched, reserved or paid for.

    Args:
        idempotency_key (str | Unset):
        body (ConvertAddressRequest | ConvertHtmlRequest | ConvertTextRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Forecast | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: ConvertAddressRequest | ConvertHtmlRequest | ConvertTextRequest,
    idempotency_key: str | Unset = UNSET,
) -> Forecast | Problem | None:
    """Estimate a request's price without making it

     Take the same body as a request for conversions; nothing is fetched, reserved or paid for.

    Args:
        idempotency_key (str | Unset):
        body (ConvertAddressRequest | ConvertHtmlRequest | ConvertTextRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Forecast | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: ConvertAddressRequest | ConvertHtmlRequest | ConvertTextRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Forecast | Problem]:
    """Estimate a request's price without making it

     Take the same body as a request for conversions; nothing is fetched, reserved or paid for.

    Args:
        idempotency_key (str | Unset):
        body (ConvertAddressRequest | ConvertHtmlRequest | ConvertTextRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Forecast | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: ConvertAddressRequest | ConvertHtmlRequest | ConvertTextRequest,
    idempotency_key: str | Unset = UNSET,
) -> Forecast | Problem | None:
    """Estimate a request's price without making it

     Take the same body as a request for conversions; nothing is fetched, reserved or paid for.

    Args:
        idempotency_key (str | Unset):
        body (ConvertAddressRequest | ConvertHtmlRequest | ConvertTextRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Forecast | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
