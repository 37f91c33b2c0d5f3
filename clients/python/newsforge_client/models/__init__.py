"""Contains all the data models used in inputs/outputs"""

from .accepted import Accepted
from .article import Article
from .basis_enum import BasisEnum
from .batch import Batch
from .batch_status import BatchStatus
from .conversion_detail import ConversionDetail
from .conversion_detail_timings import ConversionDetailTimings
from .convert_address_request import ConvertAddressRequest
from .convert_html_request import ConvertHtmlRequest
from .convert_text_request import ConvertTextRequest
from .delivery import Delivery
from .delivery_detail import DeliveryDetail
from .delivery_state import DeliveryState
from .ended import Ended
from .ended_language import EndedLanguage
from .ended_message import EndedMessage
from .ended_message_type import EndedMessageType
from .ended_status import EndedStatus
from .ended_target_platform import EndedTargetPlatform
from .ended_tone import EndedTone
from .endpoint_create_request import EndpointCreateRequest
from .endpoint_detail import EndpointDetail
from .endpoint_issued import EndpointIssued
from .endpoint_test import EndpointTest
from .endpoint_test_message import EndpointTestMessage
from .endpoint_test_message_type import EndpointTestMessageType
from .estimate import Estimate
from .failure import Failure
from .failure_code import FailureCode
from .fault import Fault
from .finding import Finding
from .forecast import Forecast
from .get_usage_group_by import GetUsageGroupBy
from .key_check import KeyCheck
from .key_checked import KeyChecked
from .key_create_request import KeyCreateRequest
from .key_detail import KeyDetail
from .key_problem import KeyProblem
from .key_provider import KeyProvider
from .key_status import KeyStatus
from .key_verdict import KeyVerdict
from .language import Language
from .list_conversions_platform_item import ListConversionsPlatformItem
from .list_conversions_status_item import ListConversionsStatusItem
from .paginated_conversion_detail_list import PaginatedConversionDetailList
from .paginated_delivery_list import PaginatedDeliveryList
from .paginated_endpoint_detail_list import PaginatedEndpointDetailList
from .paginated_key_detail_list import PaginatedKeyDetailList
from .patched_endpoint_update_request import PatchedEndpointUpdateRequest
from .patched_key_update_request import PatchedKeyUpdateRequest
from .patched_post_edit_request import PatchedPostEditRequest
from .payer_enum import PayerEnum
from .platform import Platform
from .post_version import PostVersion
from .problem import Problem
from .problem_entry import ProblemEntry
from .provider_wish import ProviderWish
from .reason import Reason
from .reason_code import ReasonCode
from .reason_fault import ReasonFault
from .status import Status
from .tone import Tone
from .usage import Usage
from .usage_row import UsageRow
from .verdict import Verdict
from .webhook_event import WebhookEvent

__all__ = (
    "Accepted",
    "Article",
    "BasisEnum",
    "Batch",
    "BatchStatus",
    "ConversionDetail",
    "ConversionDetailTimings",
    "ConvertAddressRequest",
    "ConvertHtmlRequest",
    "ConvertTextRequest",
    "Delivery",
    "DeliveryDetail",
    "DeliveryState",
    "Ended",
    "EndedLanguage",
    "EndedMessage",
    "EndedMessageType",
    "EndedStatus",
    "EndedTargetPlatform",
    "EndedTone",
    "EndpointCreateRequest",
    "EndpointDetail",
    "EndpointIssued",
    "EndpointTest",
    "EndpointTestMessage",
    "EndpointTestMessageType",
    "Estimate",
    "Failure",
    "FailureCode",
    "Fault",
    "Finding",
    "Forecast",
    "GetUsageGroupBy",
    "KeyCheck",
    "KeyChecked",
    "KeyCreateRequest",
    "KeyDetail",
    "KeyProblem",
    "KeyProvider",
    "KeyStatus",
    "KeyVerdict",
    "Language",
    "ListConversionsPlatformItem",
    "ListConversionsStatusItem",
    "PaginatedConversionDetailList",
    "PaginatedDeliveryList",
    "PaginatedEndpointDetailList",
    "PaginatedKeyDetailList",
    "PatchedEndpointUpdateRequest",
    "PatchedKeyUpdateRequest",
    "PatchedPostEditRequest",
    "PayerEnum",
    "Platform",
    "PostVersion",
    "Problem",
    "ProblemEntry",
    "ProviderWish",
    "Reason",
    "ReasonCode",
    "ReasonFault",
    "Status",
    "Tone",
    "Usage",
    "UsageRow",
    "Verdict",
    "WebhookEvent",
)
