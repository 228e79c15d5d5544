"""Access to the pages, by Airflow's login and permissions and by the request's origin.

Airflow does not protect the routes of a plugin. Reading requires the permission to see runs of the
DAG. Deciding about pictures requires the permission to answer its human-in-the-loop tasks, and
choosing panels that to edit its runs. Both require a request from our own page: same origin, JSON,
and a token that was issued to this user for this run.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod
from airflow.api_fastapi.auth.managers.models.resource_details import (
    DagAccessEntity,
    DagDetails,
)
from airflow.api_fastapi.auth.tokens import get_signing_key
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from airflow.configuration import conf
from airflow.models.dag import DagModel
from fastapi import Depends, Header, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from storyboard_ops.domain.error_tree import ReviewRefused

#: A page that is open for longer reloads its document before it saves.
TOKEN_SECONDS = 8 * 3600

may_read = requires_access_dag("GET", DagAccessEntity.RUN)
may_answer = requires_access_dag("PUT", DagAccessEntity.HITL_DETAIL)
may_edit = requires_access_dag("PUT", DagAccessEntity.RUN)


def may_view(dag_id: str, user: Any) -> bool:
    """Return whether this user may see reviews of the DAG's runs, as ``may_read`` requires."""
    return _may("GET", DagAccessEntity.RUN, dag_id, user)


def may_decide(dag_id: str, user: Any) -> bool:
    """Return whether this user may decide about pictures of the DAG's runs."""
    return _may("PUT", DagAccessEntity.HITL_DETAIL, dag_id, user)


def may_choose(dag_id: str, user: Any) -> bool:
    """Return whether this user may choose panels of the DAG's runs, as ``may_edit`` requires."""
    return _may("PUT", DagAccessEntity.RUN, dag_id, user)


def may_start(dag_id: str, user: Any) -> bool:
    """Return whether this user may start runs of the DAG; Airflow checks it again."""
    return _may("POST", DagAccessEntity.RUN, dag_id, user)


def _may(method: ResourceMethod, entity: DagAccessEntity, dag_id: str, user: Any) -> bool:
    details = DagDetails(id=dag_id, team_name=DagModel.get_team_name(dag_id))
    return get_auth_manager().is_authorized_dag(
        method=method, access_entity=entity, details=details, user=user
    )


def reviewer_name(user: Any) -> str:
    """Return the name that signs this user's decisions."""
    return str(user.get_name())


def _token_serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(get_signing_key("api", "secret_key"), salt="storyboard-review")


def issue_token(user: Any, dag_id: str, run_id: str) -> str:
    """Return a token that lets this user save from this run's page for TOKEN_SECONDS."""
    return str(_token_serializer().dumps([str(user.get_id()), dag_id, run_id]))


def require_own_page(
    request: Request,
    dag_id: str,
    run_id: str,
    user: GetUserDep,
    token: Annotated[str, Header(alias="X-Review-Token")] = "",
) -> None:
    """Refuse requests of other sites and of other users' pages; raises ReviewRefused."""
    _refuse_cross_site(request)
    _refuse_other_types(request)
    try:
        issued_to = _token_serializer().loads(token, max_age=TOKEN_SECONDS)
    except BadSignature as error:
        raise ReviewRefused(
            "token", "This page was open for too long, or is not ours. Reload it."
        ) from error
    if issued_to != [str(user.get_id()), dag_id, run_id]:
        raise ReviewRefused(
            "token", "This page was loaded by another user, or for another run. Reload it."
        )


def _refuse_cross_site(request: Request) -> None:
    """Refuse by the headers in which browsers state the origin: Fetch Metadata, and Origin."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = urlsplit(request.headers.get("Origin", "")).netloc
    ours = {request.headers.get("Host"), urlsplit(conf.get("api", "base_url", fallback="")).netloc}
    if site != "same-origin" or (origin and origin not in ours):
        raise ReviewRefused(
            "origin", "The request comes from another site. Decide on the approval page."
        )
    if request.headers.get("Origin") == "null":
        raise ReviewRefused("origin", "The request hides its origin. Decide on the approval page.")


def _refuse_other_types(request: Request) -> None:
    """Refuse everything but JSON, which the form of another site cannot send."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ReviewRefused("form", "The request is not application/json; send JSON.")


Reads = Depends(may_read)
#: Login and permission come first, so that the other refusals reveal nothing to strangers.
Decides = [Depends(may_answer), Depends(require_own_page)]
Chooses = [Depends(may_edit), Depends(require_own_page)]
