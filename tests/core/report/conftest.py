"""The report page of a whole run, parsed once for the tests of a file."""

from __future__ import annotations

import pytest
from lxml import html

from tests.material import reports
from tests.reading.report_reading import parsed, with_thumbnails


@pytest.fixture(scope="module")
def document() -> html.HtmlElement:
    return parsed(with_thumbnails(reports.report_facts()))
