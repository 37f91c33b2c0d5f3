"""The key ring: what it seals opens only here, only whole, and only while we hold the key."""

import base64
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsforge.lib.crypto import CannotDecrypt, KeyRing, MalformedKeyRing, UnknownKey


def entry(key_id: str, byte: int = 1) -> str:
    return f"{key_id}:{base64.urlsafe_b64encode(bytes([byte]) * 32).decode()}"


RING = KeyRing([entry("k2", 2), entry("k1", 1)])


@settings(max_examples=50)
@given(plaintext=st.text(max_size=300), place=st.text(max_size=80))
def test_what_is_sealed_opens_in_its_place(plaintext: str, place: str) -> None:
    assert RING.decrypt(ciphertext=RING.encrypt(plaintext=plaintext, bound_to=place), bound_to=place) == plaintext


def test_the_same_text_never_looks_the_same_twice_and_never_shows() -> None:
    sealed = {RING.encrypt(plaintext="sk-secret-value", bound_to="row") for _ in range(20)}
    assert len(sealed) == 20
    assert not any("sk-secret" in text for text in sealed)


def test_a_text_moved_to_another_row_does_not_open() -> None:
    sealed = RING.encrypt(plaintext="sk-1", bound_to="api_keys:1:acme:openai")
    with pytest.raises(CannotDecrypt):
        RING.decrypt(ciphertext=sealed, bound_to="api_keys:2:globex:openai")


@pytest.mark.parametrize("plaintext", ["sk-1", "sk-12", "sk-123"])
def test_every_changed_character_is_noticed(plaintext: str) -> None:
    sealed = RING.encrypt(plaintext=plaintext, bound_to="row")
    for index, sign in enumerate(sealed):
        for other in set("ABCDwxyz012-_+/=") - {sign}:
            with pytest.raises(CannotDecrypt):
                RING.decrypt(ciphertext=sealed[:index] + other + sealed[index + 1 :], bound_to="row")


def test_bits_that_decoding_drops_are_noticed() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    sealed = RING.encrypt(plaintext="sk-1", bound_to="row")
    assert sealed.endswith("=")
    next_one = alphabet[alphabet.index(sealed[-2]) + 1]
    with pytest.raises(CannotDecrypt):
        RING.decrypt(ciphertext=f"{sealed[:-2]}{next_one}=", bound_to="row")


@pytest.mark.parametrize(
    "text",
    ["", "sk-plain-text", "v1.k1", "v1.k1.", "v1.k1.AAAA", "v1.k1.한글", "v2.k1.AAAA", "v1..AAAA", "v1.k 1.AA=="],
)
def test_a_text_that_is_not_ours_is_refused_and_never_handed_back(text: str) -> None:
    with pytest.raises(CannotDecrypt):
        RING.decrypt(ciphertext=text, bound_to="row")


def test_the_newest_key_seals_and_older_ones_still_open() -> None:
    old = KeyRing([entry("k1", 1)]).encrypt(plaintext="sk-old", bound_to="row")
    new = RING.encrypt(plaintext="sk-new", bound_to="row")
    assert (RING.key_id(ciphertext=old), RING.key_id(ciphertext=new)) == ("k1", "k2")
    assert RING.decrypt(ciphertext=old, bound_to="row") == "sk-old"


def test_a_text_under_a_key_taken_out_says_which_key_is_missing() -> None:
    sealed = RING.encrypt(plaintext="sk-1", bound_to="row")
    with pytest.raises(UnknownKey, match="named k2"):
        KeyRing([entry("k1", 1)]).decrypt(ciphertext=sealed, bound_to="row")


def test_other_material_under_the_same_id_does_not_open() -> None:
    sealed = RING.encrypt(plaintext="sk-1", bound_to="row")
    with pytest.raises(CannotDecrypt):
        KeyRing([entry("k2", 9)]).decrypt(ciphertext=sealed, bound_to="row")


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ([], "list is empty"),
        (["no-colon"], "does not begin with an id"),
        ([":" + "A" * 44], "does not begin with an id"),
        (["k.1:" + "A" * 44], "does not begin with an id"),
        (["k1:not base64!"], "not base64"),
        (["k1:" + base64.b64encode(b"short").decode()], "5 bytes long"),
        ([entry("k1"), entry("k1", 2)], "twice"),
    ],
)
def test_a_malformed_ring_says_where_and_what_without_the_key(keys: list[str], problem: str) -> None:
    with pytest.raises(MalformedKeyRing, match=problem) as caught:
        KeyRing(keys)
    assert "AAAA" not in str(caught.value)


def test_both_base64_alphabets_are_keys() -> None:
    material = b"\xfb\xff" * 16
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        ring = KeyRing([f"k1:{encode(material).decode()}"])
        assert ring.decrypt(ciphertext=ring.encrypt(plaintext="a", bound_to="b"), bound_to="b") == "a"


def test_the_ring_shows_ids_but_no_keys() -> None:
    material = base64.b64encode(os.urandom(32)).decode()
    assert repr(KeyRing([f"k1:{material}"])) == "KeyRing(k1)"
