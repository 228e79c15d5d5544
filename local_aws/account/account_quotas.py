"""Limits on the resources of an account, from `data/service_quotas.yaml`."""

from local_aws.account.call_quotas import read_quotas
from local_aws.protocol.errors import ServiceError

MODEL_UNITS = "L-LOCAL-BR01"
CUSTOMIZATION_JOBS = "L-LOCAL-BR02"
CUSTOM_MODELS = "L-LOCAL-BR03"


def require_quota(code: str, used: int, wanted: int) -> None:
    """Raise ServiceError ServiceQuotaExceededException if `used` + `wanted` exceeds the quota."""
    quota = next(row for row in read_quotas()["quotas"] if row["code"] == code)
    if used + wanted > quota["value"]:
        raise ServiceError(
            "ServiceQuotaExceededException",
            f"{quota['name']}: {wanted} requested and {used} in use; "
            f"the account's quota is {quota['value']}.",
        )
