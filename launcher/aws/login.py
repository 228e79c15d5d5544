"""Whether the user's AWS credentials work, asked before anything starts, and what to do if not."""

from __future__ import annotations

from boto3.exceptions import Boto3Error
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigParseError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)
from botocore.session import Session

from launcher.errors import UsageError
from launcher.product import Clients, CredentialsExpired, did_you_mean, translate_aws_error

#: Everything that boto3 raises.
AWS_ERRORS = (BotoCoreError, ClientError, Boto3Error)

NO_LOGIN = (
    "No AWS credentials were found. Log in with `aws configure` or `aws sso login`, or name a "
    "profile: AWS_PROFILE=<name>."
)
NO_REGION = (
    "No AWS region is set. Set one that offers Bedrock, such as AWS_REGION=us-east-1, or `region` "
    "in your profile."
)


def check_login(clients: Clients) -> None:
    """Ask AWS who calls; raises UsageError if there is no login or region, or AWS refuses it."""
    try:
        clients("bedrock")  # unlike STS, it has no address without a region
        clients("sts").get_caller_identity()
    except AWS_ERRORS as error:
        raise UsageError(f"{explain(error)} Nothing was started.") from error


def explain(error: Exception) -> str:
    """Return what is wrong, and what to do next."""
    if isinstance(error, ProfileNotFound):
        return _explain_profile(error)
    if isinstance(error, ConfigParseError):
        return f"The AWS configuration cannot be read: {error}. Correct the file."
    if isinstance(error, NoRegionError):
        return NO_REGION
    if isinstance(error, NoCredentialsError):
        return NO_LOGIN
    if isinstance(error, Boto3Error):
        return f"{error} Fix the cause and run the command again."
    assert isinstance(error, BotoCoreError | ClientError)
    refused = translate_aws_error(error)
    if isinstance(refused, CredentialsExpired):
        return (
            f"AWS does not accept the login: {refused.fault}. Log in again with `aws sso login` or "
            "`aws configure`; check AWS_PROFILE and the clock of this machine."
        )
    return str(refused)


def _explain_profile(error: ProfileNotFound) -> str:
    name, known = str(error.kwargs["profile"]), Session().available_profiles
    listed = f"Known are: {', '.join(known)}." if known else "There is none on this machine."
    return (
        f"The AWS profile {name!r} does not exist.{did_you_mean(name, known)} {listed} Set "
        "AWS_PROFILE to one of them, or make it with `aws configure --profile`."
    )
