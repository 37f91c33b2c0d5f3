"""Users and their access tokens: made, checked, ended."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import burst
from accounts.enums import Tier
from accounts.models import AccessToken, User
from accounts.selectors import tokens_of, valid_at
from newsforge.lib import rows
from newsforge.lib.errors import Fault, PermanentError, TransientError

TOKEN = re.compile(r"nf_([0-9a-f]{16})_([0-9A-Za-z]{43})", re.ASCII)
SECRET_ALPHABET = string.ascii_letters + string.digits
SECRET_LENGTH = 43
"""Characters of 62 kinds: 256 bits."""

LAST_USED_PRECISION = timedelta(minutes=1)
"""A busy client writes its token's row once in this time, not once a request."""

LONGEST_NAME = 100

MOST_TOKENS = 50
"""Of one user, those that ended not counted: people have to tell them apart."""

TOKENS_PER_MINUTE = 1
TOKENS_AT_ONCE = MOST_TOKENS + 10
"""Those that ended stay as rows: whoever makes and revokes them without end shall not fill the table."""

_FIND_TOKEN = f"""
SELECT {rows.columns(AccessToken, "token")}, {rows.columns(User, "owner")}
FROM access_tokens token JOIN users owner ON owner.id = token.user_id WHERE token.public_id = %s"""  # noqa: S608 - names of ours


class EmailTaken(PermanentError):
    """Two accounts cannot share an address, whatever its case."""

    code = "email-taken"
    status_code = 409
    title = "This e-mail address has an account already"
    sentence = "There is an account with the e-mail address %(email)s already. Use it, or another address."
    fault = Fault.REQUEST


class InvalidAccount(PermanentError):
    """An account cannot be made of these values."""

    code = "invalid-account"
    status_code = 400
    title = "The account's details cannot be used"
    sentence = "The account cannot be made. %(reasons)s"
    fault = Fault.REQUEST


class InvalidTokenName(PermanentError):
    """A token's name is for people to read."""

    code = "invalid-token-name"
    status_code = 400
    title = "The token's name cannot be used"
    sentence = "Name the token with 1 to %(longest)s visible characters."
    fault = Fault.REQUEST


class TooManyTokens(PermanentError):
    """The user has as many tokens as there may be."""

    code = "too-many-tokens"
    status_code = 409
    title = "Too many access tokens"
    sentence = "You have %(most)s access tokens, and more are not possible. Revoke one you no longer use."
    fault = Fault.REQUEST


class TokensTooFast(TransientError):
    """Tokens are made faster than anybody needs them."""

    code = "too-many-tokens-made"
    status_code = 429
    title = "Too many tokens made"
    sentence = "Tokens were made too often in a short time. Wait a minute, then make the next."
    fault = Fault.REQUEST


class InvalidToken(PermanentError):
    """No token of ours is spelled like this."""

    code = "invalid-token"
    status_code = 401
    title = "The access token is not valid"
    sentence = "The access token is not valid. Send it whole: Authorization: Bearer nf_…"
    fault = Fault.REQUEST


class TokenEnded(PermanentError):
    """The token was right once; its time is over."""

    code = "token-ended"
    status_code = 401
    title = "The access token has ended"
    sentence = "The access token has expired or was revoked. Make a new one."
    fault = Fault.REQUEST


class AccountInactive(PermanentError):
    """The token is right; its owner is locked out."""

    code = "account-inactive"
    status_code = 401
    title = "The account is not active"
    sentence = "The account of this access token is not active. Ask an administrator to activate it."
    fault = Fault.REQUEST


def create_user(
    *, email: str, password: str, tier: Tier = Tier.FREE, quota: int | None = None, staff: bool = False
) -> User:
    """Create a user; ``quota`` is in conversions a day and defaults to the tier's, staff may do all in the admin.

    The operator vouches for the address: it counts as proven.

    :raises EmailTaken: if another account has the address in any case.
    :raises InvalidAccount: if a value cannot be stored, or the password is empty.
    """
    email = email.strip()
    if not password:
        raise InvalidAccount(reasons="The password is empty.")
    if User.objects.at(email=email).exists():
        raise EmailTaken(email=email)
    create = partial(User.objects.create_user, email_verified=True) if not staff else User.objects.create_superuser
    daily = settings.TIER_DAILY_QUOTA[tier.value] if quota is None else quota
    try:
        with transaction.atomic():
            return create(
                email, password, username=username_from(email), subscription_tier=tier.value, api_quota_daily=daily
            )
    except ValidationError as exc:
        raise InvalidAccount(reasons=" ".join(exc.messages)) from exc
    except IntegrityError as exc:
        raise EmailTaken(email=email) from exc


def end_sessions(*, user: User, now: datetime) -> None:
    """Log the user out everywhere; the access tokens stay."""
    user.sessions_ended_at = now
    user.save(update_fields=["sessions_ended_at", "updated_at"])


def username_from(email: str) -> str:
    """Return the address as a username; addresses may hold signs that usernames may not."""
    return re.sub(r"[^\w.@+-]", "-", email)


def issue_token(*, user: User, name: str, expires_at: datetime | None = None) -> tuple[AccessToken, str]:
    """Issue an access token and return its row and, this once, the token itself.

    :raises InvalidTokenName: if the name is empty, too long, or holds invisible characters.
    :raises TooManyTokens: if the user has ``MOST_TOKENS``.
    :raises TokensTooFast: if the user makes one after the other.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidTokenName(longest=LONGEST_NAME)
    allowance = burst.ask(subject=f"token:{user.pk}", per_minute=TOKENS_PER_MINUTE, burst=TOKENS_AT_ONCE)
    if not allowance.allowed:
        raise TokensTooFast(retry_after=allowance.wait)
    public_id = secrets.token_hex(8)
    secret = "".join(secrets.choice(SECRET_ALPHABET) for _ in range(SECRET_LENGTH))
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # so that two at once do not both find room
        if tokens_of(user=user).filter(valid_at(now=timezone.now())).count() >= MOST_TOKENS:
            raise TooManyTokens(most=MOST_TOKENS)
        token = AccessToken.objects.create(
            user=user, name=name, public_id=public_id, secret_hash=_hash(secret), expires_at=expires_at
        )
    return token, f"nf_{public_id}_{secret}"


def rotate_token(*, token: AccessToken, overlap: timedelta, now: datetime) -> tuple[AccessToken, str]:
    """Issue another token in the place of one, which stays good for ``overlap`` so that its client can change over.

    :raises TokenEnded: if it has ended.
    :raises TooManyTokens: if the user has ``MOST_TOKENS``.
    :raises TokensTooFast: if the user makes one after the other.
    """
    with transaction.atomic():
        old = AccessToken.objects.select_for_update().get(pk=token.pk)
        if not old.is_valid(now=now):
            raise TokenEnded
        issued = issue_token(user=token.user, name=old.name, expires_at=old.expires_at)
        ends = now + overlap
        old.expires_at = min(ends, old.expires_at or ends)
        old.save(update_fields=["expires_at"])
    return issued


def set_active(*, user: User, is_active: bool) -> bool:
    """Suspend a user, whose tokens and sessions are refused from now on, or let the user in again; tell if it moved."""
    changed = User.objects.filter(pk=user.pk, is_active=not is_active)
    return bool(changed.update(is_active=is_active, updated_at=timezone.now()))


def revoke_token(*, token: AccessToken, now: datetime) -> AccessToken:
    """Revoke a token from ``now`` on; one revoked earlier keeps its time."""
    with transaction.atomic():
        locked = AccessToken.objects.select_for_update(no_key=True).get(pk=token.pk)
        if locked.revoked_at is None:
            locked.revoked_at = now
            locked.save(update_fields=["revoked_at"])
    token.revoked_at = locked.revoked_at
    return token


def authenticate_token(*, token: str, now: datetime) -> AccessToken:
    """Return the row of a token that opens the door now, its user loaded, and note its use.

    Only whoever holds the right secret learns that a token has ended or its account is locked.

    :raises InvalidToken: if it is malformed, unknown, or its secret is wrong.
    :raises TokenEnded: if it expired or was revoked.
    :raises AccountInactive: if its user is not active.
    """
    parts = TOKEN.fullmatch(token)
    if parts is None:
        raise InvalidToken
    public_id, secret = parts.groups()
    found = _find_token(public_id)
    if found is None or not hmac.compare_digest(found.secret_hash, _hash(secret)):
        raise InvalidToken
    if not found.is_valid(now=now):
        raise TokenEnded
    if not found.user.is_active:
        raise AccountInactive
    _note_use(found, now=now)
    return found


def _find_token(public_id: str) -> AccessToken | None:
    with rows.cursor() as cursor:
        cursor.execute(_FIND_TOKEN, [public_id])
        row = cursor.fetchone()
    if row is None:
        return None
    found, owner = rows.read(row, AccessToken, User)
    found.user = owner
    return cast("AccessToken", found)


def _note_use(token: AccessToken, *, now: datetime) -> None:
    stale = now - LAST_USED_PRECISION
    if token.last_used is None or token.last_used <= stale:
        old = Q(last_used=None) | Q(last_used__lte=stale)
        AccessToken.objects.filter(old, pk=token.pk).update(last_used=now)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
