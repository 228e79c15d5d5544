"""Service Quotas: the quotas of this endpoint.

Implemented: the quotas of `data/service_quotas.yaml`, the file that also limits the calls per
second, among them SageMaker's of instances for training, spot training and processing. Another
value is set at the start (`--quota NAME=VALUE`) or with `PUT /_localaws/quotas`.
Not implemented: raising a quota. Codes that begin with L-LOCAL exist in this file only.
"""

import base64
from typing import Any

from local_aws.account.call_quotas import read_quotas
from local_aws.account.instance_quotas import list_instance_quotas, read_value
from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError

LARGEST_PAGE = 100


def list_service_quotas(request: Request, context: Context) -> Answer:
    """List the quotas of a service; the token is the code of the last quota listed."""
    after = base64.b64decode(request.get("NextToken", "")).decode()
    rows = sorted(_read_rows(request["ServiceCode"]), key=lambda row: str(row["code"]))
    rest = [row for row in rows if row["code"] > after]
    size = request.get("MaxResults", LARGEST_PAGE)
    answer: Answer = {"Quotas": [_describe(row, context) for row in rest[:size]]}
    if len(rest) > size:
        answer["NextToken"] = base64.b64encode(rest[size - 1]["code"].encode()).decode()
    return answer


def _read_rows(service: str) -> list[dict[str, Any]]:
    if service not in read_quotas()["services"]:
        raise ServiceError(
            "NoSuchResourceException",
            "The request failed because the specified service does not exist.",
        )
    rows = [*read_quotas()["quotas"], *list_instance_quotas()]
    return [row for row in rows if row["service"] == service]


def _describe(row: dict[str, Any], context: Context) -> dict[str, Any]:
    service, code = row["service"], row["code"]
    arn = f"arn:aws:servicequotas:{context.region}:{context.account_id}:{service}/{code}"
    return {
        "ServiceCode": service,
        "ServiceName": read_quotas()["services"][service],
        "QuotaArn": arn,
        "QuotaCode": code,
        "QuotaName": row["name"],
        "Value": read_value(row, context.settings, context.state),
        "Unit": "None",
        "Adjustable": row["adjustable"],
        "GlobalQuota": False,
    }
