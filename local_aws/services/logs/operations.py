"""Amazon CloudWatch Logs: groups, streams and events, enough for Airflow's remote logging.

Implemented: events are put into streams and read in either direction, with `startTime` and
`endTime`; the log driver `awslogs` of an ECS task writes a stream whose events are the lines of its
output, all with the time at which the task started.
Not implemented: filters, queries, subscriptions, metrics and tags. A retention is stored, and
nothing expires. Times are the machine's.
"""

from collections.abc import Callable
from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.logs import streams
from local_aws.services.logs.streams import GROUP, STREAM

MOST_EVENTS = 10_000
LARGEST_PAGE = 50


def create_log_group(request: Request, context: Context) -> Answer:
    """Create a group."""
    name = request["logGroupName"]
    if not context.state.create(GROUP, name, {"name": name, "created": _now(context)}):
        raise _exists("log group")
    return {}


def delete_log_group(request: Request, context: Context) -> Answer:
    """Delete a group with its streams."""
    name = request["logGroupName"]
    streams.require_group(name, context.state)
    for stream in streams.list_of_group(name, context.state):
        context.state.delete(STREAM, streams.make_id(name, stream["name"]))
    context.state.delete(GROUP, name)
    return {}


def put_retention_policy(request: Request, context: Context) -> Answer:
    """Store how many days a group keeps its events."""
    group = streams.require_group(request["logGroupName"], context.state)
    context.state.put(GROUP, group["name"], {**group, "days": request["retentionInDays"]})
    return {}


def describe_log_groups(request: Request, context: Context) -> Answer:
    """List groups by name."""
    prefix = request.get("logGroupNamePrefix", "")
    groups = [item for item in context.state.list(GROUP) if item["name"].startswith(prefix)]
    return _cut_page("logGroups", groups, request, lambda item: _describe_group(item, context))


def _describe_group(group: dict[str, Any], context: Context) -> dict[str, Any]:
    days = {"retentionInDays": group["days"]} if "days" in group else {}
    return {
        "logGroupName": group["name"],
        "creationTime": group["created"],
        "arn": f"{streams.make_arn(context, group['name'])}:*",
        **days,
    }


def create_log_stream(request: Request, context: Context) -> Answer:
    """Create a stream."""
    group, name = request["logGroupName"], request["logStreamName"]
    streams.require_group(group, context.state)
    if not streams.create(context.state, group, name, _now(context)):
        raise _exists("log stream")
    return {}


def describe_log_streams(request: Request, context: Context) -> Answer:
    """List the streams of a group by name."""
    group, prefix = request["logGroupName"], request.get("logStreamNamePrefix", "")
    streams.require_group(group, context.state)
    found = [
        item
        for item in streams.list_of_group(group, context.state)
        if item["name"].startswith(prefix)
    ]
    return _cut_page("logStreams", found, request, lambda item: _describe_stream(item, context))


def _describe_stream(stream: dict[str, Any], context: Context) -> dict[str, Any]:
    arn = streams.make_arn(context, stream["group"])
    return {
        "logStreamName": stream["name"],
        "creationTime": stream["created"],
        "arn": f"{arn}:log-stream:{stream['name']}",
    }


def put_log_events(request: Request, context: Context) -> Answer:
    """Append events to a stream; the sequence token is ignored, as by the service."""
    stream = streams.require_stream(
        request["logGroupName"], request["logStreamName"], context.state
    )
    streams.append(stream, request["logEvents"], context.settings.data_dir)
    return {"nextSequenceToken": "0"}


def get_log_events(request: Request, context: Context) -> Answer:
    """Return a page of events, oldest first; the last page, or the first by `startFromHead`.

    At either end the token is the one that was given.
    """
    stream = streams.require_stream(
        request["logGroupName"], request["logStreamName"], context.state
    )
    events = [
        event
        for event in streams.read(stream, context.settings.data_dir)
        if request.get("startTime", 0) <= event["timestamp"]
        and event["timestamp"] < request.get("endTime", event["timestamp"] + 1)
    ]
    begin, end = _find_range(request, len(events))
    return {
        "events": [{**event, "ingestionTime": event["timestamp"]} for event in events[begin:end]],
        "nextForwardToken": f"f/{end:056d}",
        "nextBackwardToken": f"b/{begin:056d}",
    }


def _find_range(request: Request, count: int) -> tuple[int, int]:
    """Return the positions of the page's first event and of the one after its last."""
    limit = request.get("limit", MOST_EVENTS)
    direction, _, position = request.get("nextToken", "").partition("/")
    if not direction:
        direction, position = ("f", "0") if request.get("startFromHead") else ("b", str(count))
    if direction not in ("f", "b") or not position.isdigit():
        raise ServiceError("InvalidParameterException", "The specified nextToken is invalid.")
    at = min(int(position), count)
    return (at, min(at + limit, count)) if direction == "f" else (max(at - limit, 0), at)


def _cut_page(
    member: str,
    documents: list[dict[str, Any]],
    request: Request,
    describe: Callable[[dict[str, Any]], dict[str, Any]],
) -> Answer:
    """Return a page of a list that is sorted by name; the token is the last name of the page."""
    after = request.get("nextToken", "")
    limit = request.get("limit", LARGEST_PAGE)
    rest = sorted(
        (item for item in documents if item["name"] > after), key=lambda item: item["name"]
    )
    page = rest[:limit]
    token = {"nextToken": page[-1]["name"]} if len(rest) > limit else {}
    return {member: [describe(item) for item in page], **token}


def _exists(what: str) -> ServiceError:
    return ServiceError("ResourceAlreadyExistsException", f"The specified {what} already exists")


def _now(context: Context) -> int:
    return int(context.now().timestamp() * 1000)
