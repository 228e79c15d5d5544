"""Cross-origin rules of a bucket, and the CORS headers that follow from them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from local_aws.http.messages import HttpAnswer, HttpRequest
from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.protocol.wire import error_answer
from local_aws.storage.state_store import StateStore

KIND = "s3-cors"
MOST_RULES = 100
METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")


def put_bucket_cors(request: Request, context: Context) -> Answer:
    """Replace the bucket's rules."""
    bucket, rules = request["Bucket"], request["CORSConfiguration"]["CORSRules"]
    context.objects.require_bucket(bucket)
    if not 1 <= len(rules) <= MOST_RULES:
        raise ServiceError(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our "
            "published schema",
        )
    for method in (method for rule in rules for method in rule["AllowedMethods"]):
        if method not in METHODS:
            raise ServiceError(
                "InvalidRequest",
                f"Found unsupported HTTP method in CORS config. Unsupported method is {method}",
            )
    context.state.put(KIND, bucket, {"rules": rules})
    return {}


def get_bucket_cors(request: Request, context: Context) -> Answer:
    """Return the bucket's rules; NoSuchCORSConfiguration if it has none."""
    context.objects.require_bucket(request["Bucket"])
    document = context.state.get(KIND, request["Bucket"])
    if document is None:
        raise ServiceError(
            "NoSuchCORSConfiguration",
            "The CORS configuration does not exist",
            BucketName=request["Bucket"],
        )
    return {"CORSRules": document["rules"]}


def delete_bucket_cors(request: Request, context: Context) -> Answer:
    """Remove the bucket's rules."""
    context.objects.require_bucket(request["Bucket"])
    context.state.delete(KIND, request["Bucket"])
    return {}


def answer_preflight(request: HttpRequest, state: StateStore) -> HttpAnswer:
    """Answer a browser's OPTIONS request: the rule's headers, or 403."""
    method = request.headers.get("access-control-request-method", "")
    wanted = [
        name.strip().lower()
        for name in request.headers.get("access-control-request-headers", "").split(",")
        if name.strip()
    ]
    rule = _find_rule(request, state, method, wanted)
    if rule is None:
        refusal = ServiceError(
            "AccessForbidden",
            "CORSResponse: This CORS request is not allowed. This is usually because the "
            "evalution of Origin, request method / Access-Control-Request-Method or "
            "Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
            Method=method,
            ResourceType="OBJECT",
        )
        return error_answer("s3", refusal, "preflight")
    headers = dict(_format_headers(rule, request))
    if wanted:
        headers["Access-Control-Allow-Headers"] = ", ".join(wanted)
    return HttpAnswer(200, headers)


def add_headers(answer: HttpAnswer, request: HttpRequest, state: StateStore) -> HttpAnswer:
    """Add the headers that allow the page of the request's Origin to read the answer."""
    if "origin" not in request.headers:
        return answer
    rule = _find_rule(request, state, request.method, [])
    if rule is None:
        return answer
    return replace(answer, headers={**answer.headers, **_format_headers(rule, request)})


def _find_rule(
    request: HttpRequest, state: StateStore, method: str, headers: Sequence[str]
) -> Mapping[str, Any] | None:
    bucket = unquote(request.path).lstrip("/").partition("/")[0]
    document = state.get(KIND, bucket) or {"rules": []}
    origin = request.headers.get("origin", "")
    for rule in document["rules"]:
        if (
            origin
            and _matches_any(origin, rule["AllowedOrigins"])
            and method in rule["AllowedMethods"]
            and all(_matches_any(name, rule.get("AllowedHeaders", [])) for name in headers)
        ):
            matching: Mapping[str, Any] = rule
            return matching
    return None


def _matches_any(text: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(text.lower(), pattern.lower()) for pattern in patterns)


def _format_headers(rule: Mapping[str, Any], request: HttpRequest) -> Mapping[str, str]:
    any_origin = "*" in rule["AllowedOrigins"]
    headers = {
        "Access-Control-Allow-Origin": "*" if any_origin else request.headers["origin"],
        "Access-Control-Allow-Methods": ", ".join(rule["AllowedMethods"]),
        "Vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    }
    if not any_origin:
        headers["Access-Control-Allow-Credentials"] = "true"
    if rule.get("ExposeHeaders"):
        headers["Access-Control-Expose-Headers"] = ", ".join(rule["ExposeHeaders"])
    if "MaxAgeSeconds" in rule:
        headers["Access-Control-Max-Age"] = str(rule["MaxAgeSeconds"])
    return headers
