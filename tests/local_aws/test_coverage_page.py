"""`docs/local-endpoint.md` says what the endpoint does and does not do."""

import pytest

from local_aws.coverage_page import PAGE, render_page, summarize_handler
from local_aws.protocol.service_models import service_model
from local_aws.services.registry import SERVICE_MODULES, load_operations


def test_the_committed_page_is_current() -> None:
    current = PAGE.read_text(encoding="utf-8") == render_page()
    assert current, "run: python -m local_aws.coverage_page"


@pytest.mark.parametrize("service", SERVICE_MODULES)
def test_every_service_lists_what_is_not_implemented(service: str) -> None:
    section = render_page().partition(f"## {service}\n")[2].partition("\n## ")[0]
    assert "Implemented:" in section
    assert "Not implemented:" in section


@pytest.mark.parametrize("service", SERVICE_MODULES)
def test_every_operation_exists_and_is_described(service: str) -> None:
    for name, handler in load_operations(service).items():
        assert name in service_model(service).operation_names
        assert handler.__doc__, f"{service} {name} has no docstring"
        assert summarize_handler(handler).endswith(".")
