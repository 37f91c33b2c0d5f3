from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.language import Language
from ..models.platform import Platform
from ..models.provider_wish import ProviderWish
from ..models.status import Status
from ..models.tone import Tone

if TYPE_CHECKING:
    from ..models.article import Article
    from ..models.conversion_detail_timings import ConversionDetailTimings
    from ..models.failure import Failure
    from ..models.finding import Finding


T = TypeVar("T", bound="ConversionDetail")


@_attrs_define
class ConversionDetail:
    """One conversion; texts are empty and measures null until there is something to say."""

    id: UUID
    batch_id: UUID
    target_platform: Platform
    status: Status
    language: Language
    tone: Tone
    requested_provider: ProviderWish
    provider: str
    """ Who wrote the post. """
    model: str
    title: str
    content_generated: str
    """ The post, ready to be posted. """
    hashtags: list[str]
    """ Without their #. """
    content_language: str
    length: int | None
    """ Of the post, in the platform's own unit. """
    limit: int | None
    """ In the same unit; null where there is none. """
    version: int
    """ 1 as it was written, and one more for each edit. """
    findings: list[Finding]
    failure: Failure | None
    tokens_used: int
    cost_usd: None | str
    """ Null when the price is unknown. """
    processing_time_ms: int | None
    timings: ConversionDetailTimings
    """ Milliseconds of each stage. """
    source_url: str
    article: Article | None
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    finished_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.article import Article  # noqa: PLC0415
        from ..models.failure import Failure  # noqa: PLC0415

        id = str(self.id)

        batch_id = str(self.batch_id)

        target_platform = self.target_platform.value

        status = self.status.value

        language = self.language.value

        tone = self.tone.value

        requested_provider = self.requested_provider.value

        provider = self.provider

        model = self.model

        title = self.title

        content_generated = self.content_generated

        hashtags = self.hashtags

        content_language = self.content_language

        length: int | None
        length = self.length

        limit: int | None
        limit = self.limit

        version = self.version

        findings = []
        for findings_item_data in self.findings:
            findings_item = findings_item_data.to_dict()
            findings.append(findings_item)

        failure: dict[str, Any] | None
        if isinstance(self.failure, Failure):
            failure = self.failure.to_dict()
        else:
            failure = self.failure

        tokens_used = self.tokens_used

        cost_usd: None | str
        cost_usd = self.cost_usd

        processing_time_ms: int | None
        processing_time_ms = self.processing_time_ms

        timings = self.timings.to_dict()

        source_url = self.source_url

        article: dict[str, Any] | None
        if isinstance(self.article, Article):
            article = self.article.to_dict()
        else:
            article = self.article

        created_at = self.created_at.isoformat()

        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

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
                "batch_id": batch_id,
                "target_platform": target_platform,
                "status": status,
                "language": language,
                "tone": tone,
                "requested_provider": requested_provider,
                "provider": provider,
                "model": model,
                "title": title,
                "content_generated": content_generated,
                "hashtags": hashtags,
                "content_language": content_language,
                "length": length,
                "limit": limit,
                "version": version,
                "findings": findings,
                "failure": failure,
                "tokens_used": tokens_used,
                "cost_usd": cost_usd,
                "processing_time_ms": processing_time_ms,
                "timings": timings,
                "source_url": source_url,
                "article": article,
                "created_at": created_at,
                "started_at": started_at,
                "finished_at": finished_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.article import Article  # noqa: PLC0415
        from ..models.conversion_detail_timings import ConversionDetailTimings  # noqa: PLC0415
        from ..models.failure import Failure  # noqa: PLC0415
        from ..models.finding import Finding  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        batch_id = UUID(d.pop("batch_id"))

        target_platform = Platform(d.pop("target_platform"))

        status = Status(d.pop("status"))

        language = Language(d.pop("language"))

        tone = Tone(d.pop("tone"))

        requested_provider = ProviderWish(d.pop("requested_provider"))

        provider = d.pop("provider")

        model = d.pop("model")

        title = d.pop("title")

        content_generated = d.pop("content_generated")

        hashtags = cast(list[str], d.pop("hashtags"))

        content_language = d.pop("content_language")

        def _parse_length(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        length = _parse_length(d.pop("length"))

        def _parse_limit(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        limit = _parse_limit(d.pop("limit"))

        version = d.pop("version")

        findings = []
        _findings = d.pop("findings")
        for findings_item_data in _findings:
            findings_item = Finding.from_dict(findings_item_data)

            findings.append(findings_item)

        def _parse_failure(data: object) -> Failure | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                failure_type_0 = Failure.from_dict(data)

                return failure_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Failure | None, data)

        failure = _parse_failure(d.pop("failure"))

        tokens_used = d.pop("tokens_used")

        def _parse_cost_usd(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        cost_usd = _parse_cost_usd(d.pop("cost_usd"))

        def _parse_processing_time_ms(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        processing_time_ms = _parse_processing_time_ms(d.pop("processing_time_ms"))

        timings = ConversionDetailTimings.from_dict(d.pop("timings"))

        source_url = d.pop("source_url")

        def _parse_article(data: object) -> Article | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                article_type_0 = Article.from_dict(data)

                return article_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Article | None, data)

        article = _parse_article(d.pop("article"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_started_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        started_at = _parse_started_at(d.pop("started_at"))

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

        conversion_detail = cls(
            id=id,
            batch_id=batch_id,
            target_platform=target_platform,
            status=status,
            language=language,
            tone=tone,
            requested_provider=requested_provider,
            provider=provider,
            model=model,
            title=title,
            content_generated=content_generated,
            hashtags=hashtags,
            content_language=content_language,
            length=length,
            limit=limit,
            version=version,
            findings=findings,
            failure=failure,
            tokens_used=tokens_used,
            cost_usd=cost_usd,
            processing_time_ms=processing_time_ms,
            timings=timings,
            source_url=source_url,
            article=article,
            created_at=created_at,
            started_at=started_at,
            finished_at=finished_at,
        )

        conversion_detail.additional_properties = d
        return conversion_detail

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
