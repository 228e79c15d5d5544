"""The HTTP app of the boards: every board's routes, the list of runs that wait, short addresses.

docs/approval-page.md specifies them. ``storyboard_plugin`` creates the app at the first request,
inside Airflow's web server.
"""

from __future__ import annotations

from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.configuration import conf
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from storyboard_ops.airflow_ops.approval import paths
from storyboard_ops.airflow_ops.approval.access import Reads
from storyboard_ops.airflow_ops.approval.errors import answer_errors
from storyboard_ops.airflow_ops.approval.headers import (
    STATIC_FOLDERS,
    BoardFiles,
    BodyLimit,
    SecurityHeaders,
    redirect_to,
)
from storyboard_ops.airflow_ops.approval.routes.answers import LINK_SECONDS, Fields
from storyboard_ops.airflow_ops.approval.routes.breakdown import (
    add_breakdown_routes,
    list_breakdowns,
)
from storyboard_ops.airflow_ops.approval.routes.panels import add_panel_routes
from storyboard_ops.airflow_ops.approval.routes.results import add_result_routes
from storyboard_ops.airflow_ops.approval.routes.review import add_review_routes, list_reviews
from storyboard_ops.airflow_ops.approval.runs import link_to_report, newest_dag_of
from storyboard_ops.gateways.include_files import INCLUDE_ROOT
from storyboard_ops.gateways.review.board_pages import read_board_page


def create_app() -> FastAPI:
    """Create the app, without documentation pages because its API is not public."""
    app = FastAPI(title="Storyboard approval page", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)  # the outer one: refusals have the headers too
    answer_errors(app)
    app.get("/runs")(runs_page)
    app.get("/runs.json")(list_runs)
    app.get("/review/{run_id}")(find_review)
    app.get("/run/{run_id}")(find_run)
    run = "/runs/{dag_id}/{run_id}"
    app.get(f"{run}/report", dependencies=[Reads])(report)
    add_review_routes(app, run)
    add_result_routes(app, run)
    add_breakdown_routes(app, f"{run}/breakdown")
    add_panel_routes(app, f"{run}/panels")
    for folder in STATIC_FOLDERS:
        app.mount(f"/static/{folder}", BoardFiles(directory=INCLUDE_ROOT / folder))
    return app


def runs_page(user: GetUserDep) -> HTMLResponse:
    """Serve the list of runs that wait for people."""
    return HTMLResponse(read_board_page("runs"))


def list_runs(user: GetUserDep) -> Fields:
    """List the runs that wait on a page, of DAGs whose runs the user may see."""
    return {"runs": [*list_reviews(user), *list_breakdowns(user)]}


def find_review(run_id: str, user: GetUserDep) -> Response:
    """Redirect to the board of the newest run of this id; raises ObjectMissing without one."""
    return RedirectResponse(paths.review_page(_base_url(), newest_dag_of(run_id), run_id))


def find_run(run_id: str, user: GetUserDep) -> Response:
    """Redirect to the newest run of this id in the Airflow UI; raises ObjectMissing without one."""
    return RedirectResponse(paths.run_page(_base_url(), newest_dag_of(run_id), run_id))


def report(dag_id: str, run_id: str) -> Response:
    """Redirect to the report of a run; raises ObjectMissing while there is none."""
    return redirect_to(link_to_report(dag_id, run_id, LINK_SECONDS), LINK_SECONDS)


def _base_url() -> str:
    return str(conf.get("api", "base_url", fallback=""))
