"""The generated pages are what the code would write today."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def generated() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pages: dict[str, str] = module.pages()
    return pages


@pytest.mark.parametrize("name", ["checks.md", "claims.md", "permissions.md", "cli.md", "tls-policies.md"])
def test_a_reference_page_is_fresh(name: str) -> None:
    page = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert page == generated()[name], f"docs/reference/{name} is stale: run python docs/generate.py"
