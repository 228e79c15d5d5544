"""Tools of Converse, as the Nova models take them: checked, chosen, and called.

Implemented: `toolSpec` with a schema whose top has `type`, `properties` and `required` and nothing
else, and every `toolChoice`; with `auto` the model calls a tool whose input it can write. A name
with a hyphen makes the call unreadable, as Nova does.
Not implemented: system tools, cache points, `strict`; all are rejected. Below the top, schemas are
not checked.

Sources: Amazon Nova user guide, "Choosing a tool" and "Defining a tool"; answers of the service as
users report them: langchain-ai/langchain-aws 567, zed-industries/zed 28521, SEMOSS/Semoss 2892.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local_aws.operations.context import Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock_runtime.bodies import CODE, malformed

TOP_KEYS = frozenset({"type", "properties", "required"})
UNREADABLE_CALL = (
    "Model produced invalid sequence as part of ToolUse. Please refer to the model tool use "
    "troubleshooting guide."
)


@dataclass(frozen=True)
class Tool:
    """A tool of a request: its name, and the names of its input's members."""

    name: str
    members: frozenset[str]


def read_tools(request: Request) -> list[Tool]:
    """Return the tools that the model may call, the chosen one alone; [] for a request without.

    Raises:
        ServiceError: ValidationException for tools that the models do not take.
    """
    config = request.get("toolConfig")
    if config is None:
        return []
    tools = [_read_tool(number, entry) for number, entry in enumerate(config["tools"])]
    names = [tool.name for tool in tools]
    if len(set(names)) < len(names):
        raise ServiceError(CODE, "The toolConfig.tools field contains two tools of one name.")
    choice = config.get("toolChoice", {"auto": {}})
    if len(choice) != 1:
        raise ServiceError(CODE, "The toolConfig.toolChoice field must have exactly one member.")
    if "tool" not in choice:
        return tools
    chosen = choice["tool"]["name"]
    if chosen not in names:
        raise ServiceError(
            CODE, f"The toolConfig.toolChoice.tool field names {chosen}, which is not a tool."
        )
    return [tools[names.index(chosen)]]


def describe_tools(request: Request) -> str:
    """Return the tools as JSON, which the model reads like text; "" for a request without."""
    return json.dumps(request["toolConfig"]["tools"]) if "toolConfig" in request else ""


def call_tool(tool: Tool, written: str, is_cut_off: bool) -> dict[str, Any]:
    """Return the content block of a call whose input is a JSON text; a call cut off has no input.

    Raises:
        ServiceError: ModelErrorException where the model writes an unreadable call.
    """
    if "-" in tool.name:
        raise ServiceError("ModelErrorException", UNREADABLE_CALL)
    return {
        "toolUse": {
            "toolUseId": f"tooluse_{uuid.uuid4().hex[:22]}",
            "name": tool.name,
            "input": {} if is_cut_off else json.loads(written),
        }
    }


def find_tool(tools: Sequence[Tool], member: str) -> Tool | None:
    """Return the first tool whose input has a member."""
    return next((tool for tool in tools if member in tool.members), None)


def _read_tool(number: int, entry: dict[str, Any]) -> Tool:
    spec = entry.get("toolSpec")
    if spec is None or len(entry) != 1 or "strict" in spec:
        raise ServiceError(CODE, "The local endpoint takes tools with a toolSpec, not strict ones.")
    place = f"#/toolConfig/tools/{number}/toolSpec/inputSchema/json"
    schema = spec["inputSchema"].get("json")
    if not isinstance(schema, dict):
        raise malformed(f"{place}: expected type: JSONObject")
    for key in sorted(schema.keys() - TOP_KEYS):
        raise malformed(f"{place}: extraneous key [{key}] is not permitted")
    if schema.get("type") != "object":
        raise malformed(f"{place}/type: {json.dumps(schema.get('type'))} is not a valid enum value")
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list):
        raise malformed(f"{place}: expected properties as JSONObject and required as JSONArray")
    for name in required:
        if name not in properties:
            raise malformed(f"{place}/required: {name} is not in properties")
    return Tool(spec["name"], frozenset(properties))
