from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.ended_language import EndedLanguage
from ..models.ended_status import EndedStatus
from ..models.ended_target_platform import EndedTargetPlatform
from ..models.ended_tone import EndedTone

if TYPE_CHECKING:
    from ..models.finding import Finding
    from ..models.reason import Reason


T = TypeVar("T", bound="Ended")


@_attrs_define
class Ended:
    """A conversion at its end, as it was then.

    When a message would be 20 kB or more, `complete` is false and the address, the title, the post, the hashtags and
    the findings are null: get them at `url`. A post is never cut.

    """

    id: UUID
    batch_id: UUID
    run: int
    """ 1, and one more for each time it was run again. """
    status: EndedStatus
    target_platform: EndedTargetPlatform
    language: EndedLanguage
    tone: EndedTone
    source_url: None | str
    title: None | str
    content_generated: None | str
    """ The post, ready to be posted. """
    hashtags: list[str] | None
    """ Without their #. """
    content_language: str
    length: int | None
    """ Of the post, in the platform's own unit. """
    limit: int | None
    """ In the same unit; null where there is none. """
    findings: list[Finding] | None
    """ What to look at before posting. """
    provider: str
    """ Who wrote the post. """
    model: str
    tokens_used: int
    cost_usd: None | str
    processing_time_ms: int | None
    created_at: datetime.datetime
    finished_at: datetime.datetime
    failure: None | Reason
    url: str
    """ Where to get it whole. """
    complete: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.reason import Reason  # noqa: PLC0415

        id = str(self.id)

        batch_id = str(self.batch_id)

        run = self.run

        status = self.status.value

        target_platform = self.target_platform.value

        language = self.language.value

        tone = self.tone.value

        source_url: None | str
        source_url = self.source_url

        title: None | str
        title = self.title

        content_generated: None | str
        content_generated = self.content_generated

        hashtags: list[str] | None
        if isinstance(self.hashtags, list):
            hashtags = self.hashtags

        else:
            hashtags = self.hashtags

        content_language = self.content_language

        length: int | None
        length = self.length

        limit: int | None
        limit = self.limit

        findings: list[dict[str, Any]] | None
        if isinstance(self.findings, list):
            findings = []
            for findings_type_0_item_data in self.findings:
                findings_type_0_item = findings_type_0_item_data.to_dict()
                findings.append(findings_type_0_item)

        else:
            findings = self.findings

        provider = self.provider

        model = self.model

        tokens_used = self.tokens_used

        cost_usd: None | str
        cost_usd = self.cost_usd

        processing_time_ms: int | None
        processing_time_ms = self.processing_time_ms

        created_at = self.created_at.isoformat()

        finished_at = self.finished_at.isoformat()

        failure: dict[str, Any] | None
        if isinstance(self.failure, Reason):
            failure = self.failure.to_dict()
        else:
            failure = self.failure

        url = self.url

        complete = self.complete

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "batch_id": batch_id,
                "run": run,
                "status": status,
                "target_platform": target_platform,
                "language": language,
                "tone": tone,
                "source_url": source_url,
                "title": title,
                "content_generated": content_generated,
                "hashtags": hashtags,
                "content_language": content_language,
                "length": length,
                "limit": limit,
                "findings": findings,
                "provider": provider,
                "model": model,
                "tokens_used": tokens_used,
                "cost_usd": cost_usd,
                "processing_time_ms": processing_time_ms,
                "created_at": created_at,
                "finished_at": finished_at,
                "failure": failure,
                "url": url,
                "complete": complete,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.finding import Finding  # noqa: PLC0415
        from ..models.reason import Reason  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        batch_id = UUID(d.pop("batch_id"))

        run = d.pop("run")

        status = EndedStatus(d.pop("status"))

        target_platform = EndedTargetPlatform(d.pop("target_platform"))

        language = EndedLanguage(d.pop("language"))

        tone = EndedTone(d.pop("tone"))

        def _parse_source_url(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        source_url = _parse_source_url(d.pop("source_url"))

        def _parse_title(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        title = _parse_title(d.pop("title"))

        def _parse_content_generated(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        content_generated = _parse_content_generated(d.pop("content_generated"))

        def _parse_hashtags(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                hashtags_type_0 = cast(list[str], data)

                return hashtags_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        hashtags = _parse_hashtags(d.pop("hashtags"))

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

        def _parse_findings(data: object) -> list[Finding] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                findings_type_0 = []
                _findings_type_0 = data
                for findings_type_0_item_data in _findings_type_0:
                    findings_type_0_item = Finding.from_dict(findings_type_0_item_data)

                    findings_type_0.append(findings_type_0_item)

                return findings_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Finding] | None, data)

        findings = _parse_findings(d.pop("findings"))

        provider = d.pop("provider")

        model = d.pop("model")

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

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        finished_at = datetime.datetime.fromisoformat(d.pop("finished_at"))

        def _parse_failure(data: object) -> None | Reason:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                failure_type_0 = Reason.from_dict(data)

                return failure_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Reason, data)

        failure = _parse_failure(d.pop("failure"))

        url = d.pop("url")

        complete = d.pop("complete")

        ended = cls(
            id=id,
            batch_id=batch_id,
            run=run,
            status=status,
            target_platform=target_platform,
            language=language,
            tone=tone,
            source_url=source_url,
            title=title,
            content_generated=content_generated,
            hashtags=hashtags,
            content_language=content_language,
            length=length,
            limit=limit,
            findings=findings,
            provider=provider,
            model=model,
            tokens_used=tokens_used,
            cost_usd=cost_usd,
            processing_time_ms=processing_time_ms,
            created_at=created_at,
            finished_at=finished_at,
            failure=failure,
            url=url,
            complete=complete,
        )

        ended.additional_properties = d
        return ended

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
