"""A provider that answers every question after a fixed time: the far side of the benchmarks.

``python -m bench.simulator PORT SECONDS`` speaks enough of OpenAI's Responses and chat APIs and of Anthropic's Messages
for one kind of answer, and prints the port it listens at.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

POST = {
    "title": "",
    "body": "Suwon opened a library on Monday that never closes. It holds 38,000 books.",
    "hashtags": ["Suwon", "library"],
}

RESPONSES = "/v1/responses"
CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"


def answer(path: str = RESPONSES) -> bytes:
    """Return one whole HTTP response of the API at this path."""
    return _whole({RESPONSES: _response, CHAT: _chat, MESSAGES: _message}[path]())


def _whole(data: dict[str, Any]) -> bytes:
    body = json.dumps(data).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _response() -> dict[str, Any]:
    content = {"type": "output_text", "text": json.dumps(POST), "annotations": []}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "model": "gpt-6-luna",
        "output": [
            {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [content]}
        ],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 900,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 60,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 960,
        },
    }


def _chat() -> dict[str, Any]:
    message = {"role": "assistant", "content": json.dumps(POST), "refusal": None}
    return {
        "id": "chatcmpl_1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-6-luna",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 60, "total_tokens": 960},
    }


def _message() -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-5-5",
        "content": [{"type": "text", "text": json.dumps(POST)}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 900, "output_tokens": 60},
    }


async def serve(port: int, seconds: float) -> None:
    """Answer until killed."""
    answers = {path.encode(): answer(path) for path in (RESPONSES, CHAT, MESSAGES)}
    models = _whole({"object": "list", "data": []})  # for whoever asks whether we are there

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = (line.lower() for line in head.split(b"\r\n"))
                length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")), 0)
                await reader.readexactly(length)
                path = head.split(b" ", 2)[1].partition(b"?")[0]
                if path in answers:
                    await asyncio.sleep(seconds)
                writer.write(answers.get(path, models))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
