from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.language import Language
from ..models.platform import Platform
from ..models.provider_wish import ProviderWish
from ..models.tone import Tone
from ..types import UNSET, Unset

T = TypeVar("T", bound="ConvertTextRequest")


@_attrs_define
class ConvertTextRequest:
    """An article's text."""

    text: str
    """ The article itself; a first line may be its title. """
    platforms: list[Platform]
    source_url: None | Unset = UNSET
    """ Null or left out: the article comes from elsewhere. """
    html: None | Unset = UNSET
    """ Null or left out: the article comes from elsewhere. """
    language: Language | Unset = Language.SOURCE
    tone: Tone | Unset = Tone.NEUTRAL
    provider: ProviderWish | Unset = ProviderWish.AUTO

    def to_dict(self) -> dict[str, Any]:
        text = self.text

        platforms = []
        for platforms_item_data in self.platforms:
            platforms_item = platforms_item_data.value
            platforms.append(platforms_item)

        source_url = self.source_url

        html = self.html

        language: str | Unset = UNSET
        if not isinstance(self.language, Unset):
            language = self.language.value

        tone: str | Unset = UNSET
        if not isinstance(self.tone, Unset):
            tone = self.tone.value

        provider: str | Unset = UNSET
        if not isinstance(self.provider, Unset):
            provider = self.provider.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "text": text,
                "platforms": platforms,
            }
        )
        if source_url is not UNSET:
            field_dict["source_url"] = source_url
        if html is not UNSET:
            field_dict["html"] = html
        if language is not UNSET:
            field_dict["language"] = language
        if tone is not UNSET:
            field_dict["tone"] = tone
        if provider is not UNSET:
            field_dict["provider"] = provider

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        text = d.pop("text")

        platforms = []
        _platforms = d.pop("platforms")
        for platforms_item_data in _platforms:
            platforms_item = Platform(platforms_item_data)

            platforms.append(platforms_item)

        source_url = d.pop("source_url", UNSET)

        html = d.pop("html", UNSET)

        _language = d.pop("language", UNSET)
        language: Language | Unset
        if isinstance(_language, Unset):
            language = UNSET
        else:
            language = Language(_language)

        _tone = d.pop("tone", UNSET)
        tone: Tone | Unset
        if isinstance(_tone, Unset):
            tone = UNSET
        else:
            tone = Tone(_tone)

        _provider = d.pop("provider", UNSET)
        provider: ProviderWish | Unset
        if isinstance(_provider, Unset):
            provider = UNSET
        else:
            provider = ProviderWish(_provider)

        convert_text_request = cls(
            text=text,
            platforms=platforms,
            source_url=source_url,
            html=html,
            language=language,
            tone=tone,
            provider=provider,
        )

        return convert_text_request
