"""Renders A2I worker templates: Liquid with the filters that SageMaker adds.

Values are HTML-escaped unless the template says `skip_autoescape`. Source:
docs.aws.amazon.com/sagemaker/latest/dg/sms-custom-templates-step2-automate.html.
"""

import json
from collections.abc import Callable
from typing import Any

from liquid import BoundTemplate, Environment, Markup
from liquid.exceptions import LiquidError

GrantReadAccess = Callable[[str], str]
"""Turns an `s3://` URI into a temporary link for a browser."""


class TemplateError(Exception):
    """The template is not valid Liquid, or cannot be rendered with its input."""


def parse_template(
    content: str, grant_read_access: GrantReadAccess = lambda uri: uri
) -> BoundTemplate:
    """Return the parsed template; raises TemplateError if it is not valid Liquid."""
    environment = Environment(autoescape=True)
    environment.add_filter("to_json", json.dumps)
    environment.add_filter("skip_autoescape", Markup)
    environment.add_filter("grant_read_access", grant_read_access)
    try:
        template = environment.from_string(content)
    except LiquidError as error:
        raise TemplateError(str(error)) from error
    unknown = sorted(set(template.analyze().filters) - set(environment.filters))
    if unknown:
        raise TemplateError(f"unknown filter {', '.join(unknown)}")
    return template


def render(content: str, task_input: dict[str, Any], grant_read_access: GrantReadAccess) -> str:
    """Return the template as HTML with `task.input` set; raises TemplateError."""
    template = parse_template(content, grant_read_access)
    try:
        return template.render(task={"input": task_input})
    except LiquidError as error:
        raise TemplateError(str(error)) from error
