"""What S3 checks lifecycle rules for, beyond their model.

Source: Amazon S3 User Guide, "Lifecycle configuration elements"; S3 publishes no list of the
messages.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from typing import Any

from local_aws.protocol.errors import ServiceError

MOST_RULES = 1000
LONGEST_ID = 255
ACTIONS = (
    "Expiration",
    "Transitions",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransitions",
    "AbortIncompleteMultipartUpload",
)
DAYS_BEFORE_INFREQUENT_ACCESS = 30
INFREQUENT_ACCESS = ("STANDARD_IA", "ONEZONE_IA")

Rule = dict[str, Any]


def require_valid_rules(rules: Sequence[Rule]) -> None:
    """Raise ServiceError MalformedXML, InvalidArgument or InvalidRequest for invalid rules."""
    if not 1 <= len(rules) <= MOST_RULES:
        raise _malformed()
    ids = [rule["ID"] for rule in rules if rule.get("ID")]
    if len(set(ids)) < len(ids):
        raise _invalid("Rule ID must be unique. Found same ID for more than one rule")
    for rule in rules:
        for require in CHECKS:
            require(rule)


def _require_id(rule: Rule) -> None:
    if len(rule.get("ID", "")) > LONGEST_ID:
        raise _invalid(f"ID length should not exceed allowed limit of {LONGEST_ID}")


def _require_one_filter(rule: Rule) -> None:
    """A rule has a filter of at most one condition ("And" joins several), or the older prefix."""
    if ("Prefix" in rule) == ("Filter" in rule) or len(rule.get("Filter", {})) > 1:
        raise _malformed()


def _require_action(rule: Rule) -> None:
    if not any(name in rule for name in ACTIONS):
        raise ServiceError("InvalidRequest", "At least one action needs to be specified in a rule")


def _require_expiration(rule: Rule) -> None:
    expiration = rule.get("Expiration")
    if expiration is None:
        return
    if len(expiration) != 1:
        raise _malformed()
    if expiration.get("Days", 1) < 1:
        raise _invalid("'Days' for Expiration action must be a positive integer")
    _require_midnight(expiration)


def _require_transitions(rule: Rule) -> None:
    last = 0
    for transition in rule.get("Transitions", []):
        if ("Days" in transition) == ("Date" in transition) or "StorageClass" not in transition:
            raise _malformed()
        _require_midnight(transition)
        days = transition.get("Days", DAYS_BEFORE_INFREQUENT_ACCESS)
        target = transition["StorageClass"]
        if days < 0:
            raise _invalid("'Days' in Transition action must be nonnegative")
        if target in INFREQUENT_ACCESS and days < DAYS_BEFORE_INFREQUENT_ACCESS:
            raise _invalid(
                "'Days' in Transition action must be greater than or equal to "
                f"{DAYS_BEFORE_INFREQUENT_ACCESS} for storageClass '{target}'"
            )
        last = max(last, transition.get("Days", 0))
    if rule.get("Expiration", {}).get("Days", last + 1) <= last:
        raise _invalid(
            "'Days' in the Expiration action must be greater than 'Days' in the Transition action"
        )


def _require_midnight(action: dict[str, Any]) -> None:
    moment: datetime | None = action.get("Date")
    if moment is not None and moment.astimezone(UTC).time() != time():
        raise _invalid("'Date' must be at midnight GMT")


def _require_other_days(rule: Rule) -> None:
    for transition in rule.get("NoncurrentVersionTransitions", []):
        if not {"NoncurrentDays", "StorageClass"} <= set(transition):
            raise _malformed()
    noncurrent = rule.get("NoncurrentVersionExpiration", {})
    if noncurrent.get("NoncurrentDays", 1) < 1:
        raise _invalid("'NoncurrentDays' for NoncurrentVersionExpiration must be positive")
    if rule.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation", 1) < 1:
        raise _invalid("'DaysAfterInitiation' for AbortIncompleteMultipartUpload must be positive")


CHECKS: Sequence[Callable[[Rule], None]] = (
    _require_id,
    _require_one_filter,
    _require_action,
    _require_expiration,
    _require_transitions,
    _require_other_days,
)


def _malformed() -> ServiceError:
    return ServiceError(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidArgument", message)
