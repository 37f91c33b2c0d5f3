"""How the schema describes a request for conversions: three bodies that differ in where the article comes from.

``ConversionCreateSerializer`` reads all three; one schema for them could not say that exactly one source is needed.
"""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, PolymorphicProxySerializer, extend_schema_field

from conversions.api.fields import SOMETHING, WEB_ADDRESS, Text
from conversions.api.serializers import HTML_BYTES, ConversionCreateSerializer
from conversions.pipeline.extract.pasted import MAX_TEXT
from newsforge.lib.http.url import MAX_LENGTH


@extend_schema_field({"type": "null"})
class Nothing(Text):
    """A source that is not the one chosen; for the schema, in which the type alone says that it may be null."""

    def __init__(self) -> None:
        super().__init__(pattern="", allow_null=False, help_text="Null or left out: the article comes from elsewhere.")


class ConvertAddressSerializer(ConversionCreateSerializer):
    """An article at an address."""

    source_url = Text(
        required=True,
        allow_null=False,
        pattern=WEB_ADDRESS,
        max_length=MAX_LENGTH,
        help_text="Address of the article's page.",
    )
    text = Nothing()
    html = Nothing()


class ConvertTextSerializer(ConversionCreateSerializer):
    """An article's text."""

    source_url = Nothing()
    text = Text(
        required=True,
        allow_null=False,
        pattern=SOMETHING,
        max_length=MAX_TEXT,
        help_text="The article itself; a first line may be its title.",
    )
    html = Nothing()


class ConvertHtmlSerializer(ConversionCreateSerializer):
    """An article's page."""

    source_url = Nothing()
    text = Nothing()
    html = Text(
        required=True,
        allow_null=False,
        pattern=SOMETHING,
        max_length=HTML_BYTES,
        help_text="The article's page, at most 5,000,000 bytes in UTF-8.",
    )


WISH = PolymorphicProxySerializer(
    component_name="ConversionCreate",
    serializers=[ConvertAddressSerializer, ConvertTextSerializer, ConvertHtmlSerializer],
    resource_type_field_name=None,
)

EXAMPLES = [
    OpenApiExample(
        "An article at an address",
        value={"source_url": "https://news.example/article", "platforms": ["x", "linkedin"], "language": "ko"},
        request_only=True,
    ),
    OpenApiExample(
        "An article as text",
        value={
            "text": "Harbour bridge reopens to cyclists after two years of repairs\n"
            "The harbour bridge in Westerhaven reopened to cyclists and pedestrians on Monday after two years of "
            "repairs. The city replaced 412 steel plates and widened the path from 2 to 4 metres.",
            "platforms": ["x"],
            "provider": "extractive",
        },
        request_only=True,
    ),
]
