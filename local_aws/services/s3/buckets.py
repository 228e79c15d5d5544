"""Buckets: create, inspect, list and delete."""

import re

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.s3 import bucket_settings

BUCKET_NAME = re.compile(r"(?!xn--|sthree-)[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9](?<!-s3alias)")
IP_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
SETTING_KINDS = ("s3-cors", "s3-notification", *bucket_settings.KINDS)


def create_bucket(request: Request, context: Context) -> Answer:
    """Create a bucket; succeed if the caller owns it already, as in us-east-1."""
    bucket = request["Bucket"]
    if not BUCKET_NAME.fullmatch(bucket) or ".." in bucket or IP_ADDRESS.fullmatch(bucket):
        raise ServiceError(
            "InvalidBucketName", "The specified bucket is not valid.", BucketName=bucket
        )
    _require_region(request.get("CreateBucketConfiguration", {}), context.region)
    context.objects.create_bucket(bucket)
    return {"Location": f"/{bucket}"}


def _require_region(configuration: Request, region: str) -> None:
    location = configuration.get("LocationConstraint")
    if location is not None and (location != region or region == "us-east-1"):
        raise ServiceError(
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
            LocationConstraint=location,
        )


def head_bucket(request: Request, context: Context) -> Answer:
    """Check that the bucket exists; return its region."""
    context.objects.require_bucket(request["Bucket"])
    return {"BucketRegion": context.region}


def delete_bucket(request: Request, context: Context) -> Answer:
    """Remove an empty bucket with its settings and unfinished uploads."""
    bucket = request["Bucket"]
    context.objects.delete_bucket(bucket)
    for kind in SETTING_KINDS:
        context.state.delete(kind, bucket)
    context.objects.uploads.discard_bucket(bucket)
    return {}


def list_buckets(request: Request, context: Context) -> Answer:
    """List buckets by name, filtered by `Prefix`, in pages of `MaxBuckets`."""
    prefix, after = request.get("Prefix", ""), request.get("ContinuationToken", "")
    found = [
        {"Name": name, "CreationDate": created, "BucketRegion": context.region}
        for name, created in context.objects.buckets()
        if name.startswith(prefix) and name > after
    ]
    count = request.get("MaxBuckets", 10_000)
    answer: Answer = {
        "Buckets": found[:count],
        "Owner": {"ID": context.account_id * 5, "DisplayName": "local"},
    }
    if len(found) > count:
        answer["ContinuationToken"] = found[count - 1]["Name"]
    return answer


def get_bucket_location(request: Request, context: Context) -> Answer:
    """Return the bucket's region; an empty constraint for us-east-1, as in S3."""
    context.objects.require_bucket(request["Bucket"])
    if context.region == "us-east-1":
        return {}
    return {"LocationConstraint": context.region}


def get_bucket_versioning(request: Request, context: Context) -> Answer:
    """Return an empty document: buckets are never versioned here."""
    context.objects.require_bucket(request["Bucket"])
    return {}
