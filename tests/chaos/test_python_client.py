"""clients/python against the product in its own processes: web, workers, PostgreSQL, Valkey and a simulated OpenAI."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from newsforge import __version__
from newsforge.embedded.home import ROOT
from tests.chaos.client import Caller
from tests.chaos.far_side import TEXT
from tests.chaos.installation import Installation, wait_until

HOME = ROOT / "clients" / "python"
README = (HOME / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.timeout(300)


T = TypeVar("T")


def sure(kind: type[T], found: object) -> T:
    """The answer, which is of this kind."""
    assert isinstance(found, kind), found
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it would be published, built without a network."""
    folder = tmp_path_factory.mktemp("dist")
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "build", "--offline", "--wheel", "--out-dir", folder, HOME], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture
def client(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The package as somebody has it who installed the wheel: pure Python is imported from the archive itself."""
    monkeypatch.syspath_prepend(str(wheel))
    import newsforge_client

    assert str(wheel) in str(newsforge_client.__file__)
    yield newsforge_client
    for name in [name for name in sys.modules if name.partition(".")[0] == "newsforge_client"]:
        del sys.modules[name]


def test_the_wheel_has_its_licence_its_types_and_our_version(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "newsforge_client/py.typed" in names
    assert f"newsforge_client-{__version__}.dist-info/licenses/LICENSE" in names
    assert (HOME / "LICENSE").read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")
    assert tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]["version"] == __version__


def test_the_readme_runs_as_it_stands(
    client: Any, installation: Installation, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSFORGE_URL", f"http://127.0.0.1:{installation.port}")
    monkeypatch.setenv("NEWSFORGE_TOKEN", caller.token)
    names: dict[str, Any] = {}
    for block in BLOCKS:
        exec(compile(block, "clients/python/README.md", "exec"), names)  # noqa: S102 - our own page
    names["client"].get_httpx_client().close()
    posts = {post.target_platform.value: post.content_generated for post in names["batch"].conversions}
    assert set(posts) == {"x", "linkedin"}
    assert all(posts.values())


def test_a_customer_works_with_it(client: Any, installation: Installation, caller: Caller) -> None:
    from newsforge_client.api.batches import get_batch
    from newsforge_client.api.conversions import create_conversions, list_conversions
    from newsforge_client.api.estimates import create_estimate
    from newsforge_client.api.usage import get_usage
    from newsforge_client.models import (
        Accepted,
        Batch,
        BatchStatus,
        ConvertTextRequest,
        Forecast,
        GetUsageGroupBy,
        PaginatedConversionDetailList,
        Platform,
        ProviderWish,
        Usage,
    )

    wish = ConvertTextRequest(text=TEXT.format(case="typed"), platforms=[Platform.X], provider=ProviderWish.OPENAI)
    with client.AuthenticatedClient(f"http://127.0.0.1:{installation.port}", token=caller.token) as asks:
        forecast = sure(Forecast, create_estimate.sync(client=asks, body=wish))
        assert (forecast.units, forecast.fits_quota) == (1, True)

        key = str(uuid.uuid4())
        first = create_conversions.sync_detailed(client=asks, body=wish, idempotency_key=key)
        again = create_conversions.sync_detailed(client=asks, body=wish, idempotency_key=key)
        batch_id = sure(Accepted, first.parsed).batch_id
        assert sure(Accepted, again.parsed).batch_id == batch_id
        assert again.headers["Idempotency-Replayed"] == "true"

        def batch() -> Batch:
            return sure(Batch, get_batch.sync(batch_id, client=asks))

        wait_until(lambda: batch().status == BatchStatus.SUCCEEDED)
        (post,) = batch().conversions
        assert post.content_generated
        assert (post.provider, post.failure) == ("openai", None)
        listed = sure(PaginatedConversionDetailList, list_conversions.sync(client=asks))
        assert [each.id for each in listed.results] == [post.id]

        usage = sure(Usage, get_usage.sync(client=asks, group_by=GetUsageGroupBy.PROVIDER))
        assert [(row.group, row.calls) for row in usage.rows] == [("openai", 1)]
    assert installation.side.calls["typed"] == 1


def test_refusals_are_typed_problems(client: Any, installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    from newsforge_client.api.conversions import cancel_conversion, create_conversions, get_conversion
    from newsforge_client.models import (
        Accepted,
        ConversionDetail,
        ConvertAddressRequest,
        ConvertTextRequest,
        Fault,
        Platform,
        Problem,
        Status,
    )

    monkeypatch.setattr(installation.side, "latency", 5.0)  # so that there is time to cancel
    caller, url = installation.add_caller(limit=1, hears=False), f"http://127.0.0.1:{installation.port}"
    with client.AuthenticatedClient(url, token=caller.token) as asks:
        nowhere = ConvertAddressRequest(source_url="https://user:secret@news.example/", platforms=[Platform.X])
        refused = sure(Problem, create_conversions.sync(client=asks, body=nowhere))
        assert (refused.status, refused.code, refused.fault) == (422, "invalid-url", Fault.REQUEST)

        wish = ConvertTextRequest(text=TEXT.format(case="cancelled"), platforms=[Platform.X])
        (taken,) = sure(Accepted, create_conversions.sync(client=asks, body=wish)).conversions
        answer = create_conversions.sync_detailed(client=asks, body=wish)
        too_many = sure(Problem, answer.parsed)
        assert (too_many.status, too_many.code) == (429, "quota-exceeded")
        assert too_many.retry_after == int(answer.headers["Retry-After"])
        assert too_many.violated_policies == ["daily"]

        cancelled = sure(ConversionDetail, cancel_conversion.sync(taken.id, client=asks))
        assert cancelled.status == Status.CANCELLED
        assert sure(Problem, get_conversion.sync(uuid.uuid4(), client=asks)).status == 404
    with client.AuthenticatedClient(url, token="nf_nobody") as nobody:
        assert sure(Problem, get_conversion.sync(taken.id, client=nobody)).status == 401
