"""Who may use the approval page, by Airflow's own login and permissions, and from where.

Routes of a plugin are public unless they ask. Reading asks for the right to see runs of the DAG;
deciding for the right to answer its human-in-the-loop tasks, and for a request of our own page:
same origin, JSON, and a token that was issued to this user for this run.
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

#: A page that was left open longer loads its document anew before it saves.
TOKEN_SECONDS = 8 * 3600

may_read = requires_access_dag("GET", DagAccessEntity.RUN)
may_answer = requires_access_dag("PUT", DagAccessEntity.HITL_DETAIL)


def may_look(dag_id: str, user: Any) -> bool:
    """Whether this user may see reviews of the DAG's runs; what ``may_read`` asks of a route."""
    return _may("GET", DagAccessEntity.RUN, dag_id, user)


def may_decide(dag_id: str, user: Any) -> bool:
    """Whether this user may decide about pictures of the DAG's runs."""
    return _may("PUT", DagAccessEntity.HITL_DETAIL, dag_id, user)


def _may(method: ResourceMethod, entity: DagAccessEntity, dag_id: str, user: Any) -> bool:
    details = DagDetails(id=dag_id, team_name=DagModel.get_team_name(dag_id))
    return get_auth_manager().is_authorized_dag(
        method=method, access_entity=entity, details=details, user=user
    )


def reviewer_name(user: Any) -> str:
    """How decisions of this user are signed."""
    return str(user.get_name())


def _tokens() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(get_signing_key("api", "secret_key"), salt="storyboard-review")


def issue_token(user: Any, dag_id: str, run_id: str) -> str:
    """A token that lets this user save from this run's page, for some hours."""
    return str(_tokens().dumps([str(user.get_id()), dag_id, run_id]))


def from_our_page(
    request: Request,
    dag_id: str,
    run_id: str,
    user: GetUserDep,
    token: Annotated[str, Header(alias="X-Review-Token")] = "",
) -> None:
    """Refuse what another site, or another user's page, has sent; raises ReviewRefused."""
    _refuse_cross_site(request)
    _refuse_form(request)
    try:
        issued_to = _tokens().loads(token, max_age=TOKEN_SECONDS)
    except BadSignature as error:
        raise ReviewRefused(
            "token", "This page was open for too long, or is not ours. Load it again."
        ) from error
    if issued_to != [str(user.get_id()), dag_id, run_id]:
        raise ReviewRefused("token", "This page was loaded by somebody else, or for another run.")


def _refuse_cross_site(request: Request) -> None:
    """Browsers say where a request comes from: Fetch Metadata, and Origin on every POST."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = urlsplit(request.headers.get("Origin", "")).netloc
    ours = {request.headers.get("Host"), urlsplit(conf.get("api", "base_url", fallback="")).netloc}
    if site != "same-origin" or (origin and origin not in ours):
        raise ReviewRefused("origin", "The request comes from another site.")
    if request.headers.get("Origin") == "null":
        raise ReviewRefused("origin", "The request hides where it comes from.")


def _refuse_form(request: Request) -> None:
    """A form of another site cannot send JSON."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ReviewRefused("form", "Send application/json.")


Reads = Depends(may_read)
#: In this order: login and permission first, so that a stranger learns nothing from the rest.
Decides = [Depends(may_answer), Depends(from_our_page)]
