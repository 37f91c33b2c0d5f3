from enum import StrEnum


class EndpointTestMessageType(StrEnum):
    ENDPOINT_TEST = "endpoint.test"

    def __str__(self) -> str:
        return str(self.value)
