"""The nginx files hold directives that nginx has, where it takes them, beside each of the upstreams they come with."""

from __future__ import annotations

from pathlib import Path

import crossplane
import pytest

from newsforge.env import ROOT


@pytest.mark.parametrize("upstream", ["deploy/nginx/upstream.conf", "deploy/compose/upstream.conf"])
def test_nginx_knows_every_directive(tmp_path: Path, upstream: str) -> None:
    whole = tmp_path / "nginx.conf"
    included = "".join(f"include {ROOT / name};\n" for name in (upstream, "deploy/nginx/newsforge.conf"))
    whole.write_text(f"events {{}}\nhttp {{\n{included}}}\n", "utf-8")
    read = crossplane.parse(str(whole), strict=True)
    assert read["errors"] == []
    assert len(read["config"]) == 3
