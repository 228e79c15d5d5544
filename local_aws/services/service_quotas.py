"""Service Quotas: the quotas that this endpoint enforces or plays.

What it does: reads `data/service_quotas.yaml`, the same file that the calls per second are limited
by. What it does not: raise a quota. Codes that begin with L-LOCAL are this file's own.
"""

import base64
from collections.abc import Callable
from typing import Any

from local_aws.account.call_quotas import read_quotas
from local_aws.operations.context import Answer, Context, Handler, Request
from local_aws.protocol.errors import ServiceError

LARGEST_PAGE = 100


def list_services(request: Request, context: Context) -> Answer:
    """The services that have quotas here."""
    services = [
        {"ServiceCode": code, "ServiceName": name}
        for code, name in read_quotas()["services"].items()
    ]
    return _paged(request, "Services", services, lambda item: item["ServiceCode"])


def list_service_quotas(request: Request, context: Context) -> Answer:
    """The quotas of a service."""
    quotas = [_described(row, context) for row in _rows(request["ServiceCode"])]
    return _paged(request, "Quotas", quotas, lambda item: item["QuotaCode"])


def get_service_quota(request: Request, context: Context) -> Answer:
    """One quota; NoSuchResourceException if the service or the code is not known."""
    for row in _rows(request["ServiceCode"]):
        if row["code"] == request["QuotaCode"]:
            return {"Quota": _described(row, context)}
    raise ServiceError(
        "NoSuchResourceException", "The request failed because the specified quota does not exist."
    )


def _rows(service: str) -> list[dict[str, Any]]:
    if service not in read_quotas()["services"]:
        raise ServiceError(
            "NoSuchResourceException",
            "The request failed because the specified service does not exist.",
        )
    return [row for row in read_quotas()["quotas"] if row["service"] == service]


def _described(row: dict[str, Any], context: Context) -> dict[str, Any]:
    service, code = row["service"], row["code"]
    arn = f"arn:aws:servicequotas:{context.region}:{context.account_id}:{service}/{code}"
    return {
        "ServiceCode": service,
        "ServiceName": read_quotas()["services"][service],
        "QuotaArn": arn,
        "QuotaCode": code,
        "QuotaName": row["name"],
        "Value": float(row["value"]),
        "Unit": "None",
        "Adjustable": row["adjustable"],
        "GlobalQuota": False,
    }


def _paged(
    request: Request, member: str, items: list[dict[str, Any]], name: Callable[[Any], str]
) -> Answer:
    """A page of `items`; the token is the name of the last item shown."""
    after = base64.b64decode(request.get("NextToken", "")).decode()
    rest = sorted((item for item in items if name(item) > after), key=name)
    size = request.get("MaxResults", LARGEST_PAGE)
    answer: Answer = {member: rest[:size]}
    if len(rest) > size:
        answer["NextToken"] = base64.b64encode(name(rest[size - 1]).encode()).decode()
    return answer


OPERATIONS: dict[str, Handler] = {
    "ListServices": list_services,
    "ListServiceQuotas": list_service_quotas,
    "ListAWSDefaultServiceQuotas": list_service_quotas,
    "GetServiceQuota": get_service_quota,
    "GetAWSDefaultServiceQuota": get_service_quota,
}
"""AWS operation name -> handler."""
