"""Buckets: create, inspect, list and delete."""

import re

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.s3 import bucket_settings
from local_aws.services.s3.object_answers import describe_owner

BUCKET_NAME = re.compile(r"(?!xn--|sthree-)[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9](?<!-s3alias)")
IP_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
SETTING_KINDS = ("s3-cors", "s3-notification-configuration", *bucket_settings.KINDS)


def create_bucket(request: Request, context: Context) -> Answer:
    """Create a bucket; one that exists already is an error, except in us-east-1."""
    bucket = request["Bucket"]
    if not BUCKET_NAME.fullmatch(bucket) or ".." in bucket or IP_ADDRESS.fullmatch(bucket):
        raise ServiceError(
            "InvalidBucketName", "The specified bucket is not valid.", BucketName=bucket
        )
    _require_region(request.get("CreateBucketConfiguration", {}), context.region)
    created = context.objects.create_bucket(bucket)
    if not created and context.region != "us-east-1":
        raise ServiceError(
            "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
            BucketName=bucket,
        )
    return {"Location": f"/{bucket}"}


def _require_region(configuration: Request, region: str) -> None:
    """Raise ServiceError unless a bucket is to be in the endpoint's region, as S3 wants to hear it.

    us-east-1 is the region without a constraint; from there, S3 also creates buckets elsewhere.
    """
    location = configuration.get("LocationConstraint")
    if region == "us-east-1" and location == region:
        raise ServiceError(
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
            LocationConstraint=location,
        )
    if region == "us-east-1" and location is not None:
        raise ServiceError(
            "NotImplemented", f"The local endpoint has buckets in {region} only, not in {location}."
        )
    if region not in ("us-east-1", location):
        raise ServiceError(
            "IllegalLocationConstraintException",
            f"The {location or 'unspecified'} location constraint is incompatible for the region "
            "specific endpoint this request was sent to.",
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
    """List buckets by name, filtered by `Prefix` and `BucketRegion`, in pages of `MaxBuckets`."""
    prefix, after = request.get("Prefix", ""), request.get("ContinuationToken", "")
    region = request.get("BucketRegion", context.region)
    found = [
        {"Name": name, "CreationDate": created, "BucketRegion": context.region}
        for name, created in context.objects.buckets()
        if name.startswith(prefix) and name > after and region == context.region
    ]
    count = request.get("MaxBuckets", 10_000)
    answer: Answer = {
        "Buckets": found[:count],
        "Owner": describe_owner(context),
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
