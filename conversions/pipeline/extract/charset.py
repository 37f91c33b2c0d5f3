"""Bytes to text. Real pages lie about their charset in every direction, so the bytes are asked before the labels."""

from __future__ import annotations

import codecs
import re
from typing import Final

from charset_normalizer import from_bytes

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_DECODERS: Final = {
    "cp949": "euc-kr cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 "
    "windows-949 cp949 uhc ms949",
    "cp1252": "ascii us-ascii ansi_x3.4-1968 iso-8859-1 iso8859-1 iso_8859-1 iso88591 latin1 latin-1 l1 cp1252 "
    "cp819 windows-1252 x-cp1252",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji ms932 windows-31j csshiftjis",
    "euc_jp": "euc-jp x-euc-jp cseucpkdfmtjapanese",
    "iso2022_jp": "iso-2022-jp csiso2022jp",
    "gb18030": "gb2312 gb_2312 gb_2312-80 gbk x-gbk gb18030 chinese csgb2312 iso-ir-58",
    "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "cp1250": "windows-1250 cp1250 x-cp1250",
    "cp1251": "windows-1251 cp1251 x-cp1251",
    "cp1253": "windows-1253 cp1253",
    "cp1254": "windows-1254 cp1254 iso-8859-9 iso8859-9 latin5 l5",
    "cp1255": "windows-1255 cp1255",
    "cp1256": "windows-1256 cp1256",
    "cp1257": "windows-1257 cp1257",
    "cp1258": "windows-1258 cp1258",
    "cp874": "windows-874 tis-620 iso-8859-11 dos-874",
    "koi8_r": "koi8-r koi8 koi cskoi8r",
    "koi8_u": "koi8-u koi8-ru",
    "iso8859_2": "iso-8859-2 iso8859-2 latin2 l2",
    "iso8859_5": "iso-8859-5 iso8859-5 cyrillic",
    "iso8859_6": "iso-8859-6 iso8859-6 arabic",
    "iso8859_7": "iso-8859-7 iso8859-7 greek",
    "iso8859_8": "iso-8859-8 iso8859-8 iso-8859-8-i hebrew",
    "iso8859_15": "iso-8859-15 iso8859-15 latin9 l9",
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 x-unicode20utf8 utf-16 utf-16le utf-16be",
}
"""Labels as browsers read them (https://encoding.spec.whatwg.org/#names-and-labels): euc-kr means cp949, iso-8859-1
means cp1252, gb2312 means gb18030, and a page that could be read far enough to name utf-16 is utf-8."""

_LABELS: Final = {label: codec for codec, labels in _DECODERS.items() for label in labels.split()}
_SINGLE_BYTE: Final = re.compile(r"(cp1|cp874|iso8859|koi8)")
_DETECTED: Final = ["cp1252", "cp932", "euc_jp", "gb18030", "big5hkscs", "cp1251", "koi8_r", "cp1250", "cp1254"]

_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_META = re.compile(
    rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:+-]+)|<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w.:+-]+)",
    re.IGNORECASE,
)
_META_WINDOW: Final = 65_536
"""Browsers look at 1,024 bytes; a late declaration is still the page's word when nothing else is known."""
_DETECTOR_WINDOW: Final = 131_072
_CUT_TAIL: Final = 4
"""A UTF-8 character is at most four bytes, so an error in the last four is a cut page."""

_C1_EVIDENCE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]{0,2}[\u0080-\u009f]")


def decode(*, content: bytes, content_type: str | None) -> str:
    """Return the text of a document: BOM, valid UTF-8, header, meta, cp949, detector, in this order.

    ``content_type`` is the raw header. Bytes that no charset explains become U+FFFD; nothing is raised.
    """
    for bom, codec in _BOMS:
        if content.startswith(bom):
            return content[len(bom) :].decode(codec, "replace")
    text = _as_utf8(content)
    if text is None:
        text = _as_labelled(content, content_type)
    if text is None:
        text = _as_korean(content)
    if text is None:
        text = _as_detected(content)
    return _undo_double_encoding(text)


def _as_utf8(content: bytes) -> str | None:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(content) - _CUT_TAIL:
            return content[: error.start].decode("utf-8", "replace")
    text = content.decode("utf-8", "replace")
    # A few foreign bytes do not make a UTF-8 page anything else: no other charset forms its sequences by chance.
    return text if _garbled_share(text) <= 0.02 else None


def _garbled_share(text: str) -> float:
    """Return the share of U+FFFD among the characters outside ASCII."""
    outside = len(text) - len(text.encode("ascii", "ignore"))
    return text.count("\ufffd") / outside if outside else 0.0


def _as_labelled(content: bytes, content_type: str | None) -> str | None:
    for label in (_header_label(content_type), *_meta_labels(content)):
        codec = _LABELS.get(label)
        if codec is None:
            continue
        if _SINGLE_BYTE.match(codec) and (korean := _as_korean(content)) is not None:
            return korean
        text = content.decode(codec, "replace")
        if _garbled_share(text) <= 0.05:
            return text
    return None


def _header_label(content_type: str | None) -> str:
    found = _HEADER.search(content_type or "")
    return found.group(1).lower() if found else ""


def _meta_labels(content: bytes) -> list[str]:
    return [(a or b).decode("ascii", "ignore").lower() for a, b in _META.findall(content[:_META_WINDOW])]


def _as_korean(content: bytes) -> str | None:
    """Return the cp949 reading when it is Korean.

    Hangul syllables are nearly all of a Korean page's characters outside ASCII; other charsets' bytes that happen to
    be valid cp949 turn into a mixture of jamo, Han and symbols.
    """
    text = content.decode("cp949", "replace")
    syllables = sum(1 for ch in text if "가" <= ch <= "힣")
    outside = len(text) - len(text.encode("ascii", "ignore"))
    return text if outside and syllables / outside >= 0.8 and _garbled_share(text) <= 0.02 else None


def _as_detected(content: bytes) -> str:
    best = from_bytes(content[:_DETECTOR_WINDOW], cp_isolation=_DETECTED).best()
    return content.decode(best.encoding if best else "cp1252", "replace")


def _undo_double_encoding(text: str) -> str:
    """Undo UTF-8 that was read as Latin-1 and written as UTF-8 once more.

    C1 controls (U+0080 to U+009F) have no place in a page; three sequences with one of them are proof enough.
    """
    if sum(1 for _, _ in zip(_C1_EVIDENCE.finditer(text), range(3), strict=False)) < 3:
        return text
    return re.sub("[\u00c2-\u00f4][\u0080-\u00bf]{1,3}", _reread, text)


def _reread(found: re.Match[str]) -> str:
    try:
        return found.group().encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return found.group()
