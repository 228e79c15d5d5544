"""Links that let a reviewer's browser read one S3 object for a while."""

from urllib.parse import quote

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_aws.signing.identity import Identity

LONGEST_SECONDS = 7 * 24 * 3600


def presign_link(uri: str, origin: str, identity: Identity, region: str, seconds: int) -> str:
    """Return a presigned GET link to the object of an `s3://` URI; other text unchanged.

    `origin` is the endpoint's origin ("http://127.0.0.1:4566").
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not key:
        return uri
    request = AWSRequest("GET", f"{origin}/{bucket}/{quote(key)}")
    credentials = Credentials(identity.access_key_id, identity.secret_access_key)
    signer = S3SigV4QueryAuth(credentials, "s3", region, expires=min(seconds, LONGEST_SECONDS))
    signer.add_auth(request)
    return str(request.url)
