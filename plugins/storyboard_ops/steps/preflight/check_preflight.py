"""Preflight: run every check that is possible before the run spends money."""

from __future__ import annotations

import logging
from dataclasses import replace

from storyboard_ops.core.pictures.codec import MODEL_SIDE
from storyboard_ops.core.preflight.detector_checks import detector_checks
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.settings.films import FilmSettings
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.settings.pictures import DetectionSection
from storyboard_ops.domain.settings.review import ReviewSection
from storyboard_ops.gateways.storage.production_files import LoadedProduction
from storyboard_ops.steps.money.cost_gate import PREFLIGHT
from storyboard_ops.steps.preflight.account.account_checks import account_checks, identity_checks
from storyboard_ops.steps.preflight.account.container_check import plan_containers
from storyboard_ops.steps.preflight.check_runner import find_out, run_check
from storyboard_ops.steps.preflight.findings import Findings, make_report
from storyboard_ops.steps.preflight.inputs.board_check import check_board
from storyboard_ops.steps.preflight.inputs.film_check import check_videos
from storyboard_ops.steps.preflight.inputs.production_check import check_production
from storyboard_ops.steps.preflight.inputs.reference_pictures import store_references
from storyboard_ops.steps.preflight.inputs.script_checks import (
    check_retimed_cut,
    check_script,
    reads_script,
)
from storyboard_ops.steps.preflight.models.model_checks import check_models
from storyboard_ops.steps.preflight.models.request_checks import check_requests
from storyboard_ops.steps.preflight.review_desk import choose_desk
from storyboard_ops.steps.preflight.trainers.trainer_choice import settle_trainer
from storyboard_ops.steps.run.tool_box import ROUTES, ToolBox, has_section

log = logging.getLogger(__name__)


def check_preflight(tools: ToolBox) -> PreflightReport:
    """Check everything, write settings and production of the run, and return the report.

    Raises GateClosed naming every failed check with its remedy; the report is written in that case
    too, if the workspace is accessible.
    """
    found = _run_checks(tools)
    report = make_report(found)
    log.info("Preflight\n%s", report.table())
    if report.failed and found.has_workspace:
        log.info("The report is at %s.", found.tools.write_record(PREFLIGHT, report))
    report.raise_for_failures()
    if found.loaded is not None:
        write_run(found.tools, found.loaded, report)
    return report


def preflight_report(tools: ToolBox) -> PreflightReport:
    """Run the same checks without writing anything or raising GateClosed."""
    return make_report(_run_checks(tools))


def write_run(tools: ToolBox, loaded: LoadedProduction, report: PreflightReport) -> None:
    """Write settings, production and report of the run; references are stored by their hash."""
    production = store_references(tools, loaded)
    tools.write_record("settings.json", tools.settings)
    tools.write_record("production.json", production)
    tools.write_record(ROUTES, tools.routes)
    tools.write_record(PREFLIGHT, report)


def _run_checks(tools: ToolBox) -> Findings:
    """Run the checks in order; each gets what the earlier ones have found."""
    found = _check_identity(tools)
    if not found.has_workspace:
        return found
    for check in (
        _check_production,
        _check_script,
        _check_retimed_cut,
        _check_videos,
        _choose_desk,
        _settle_trainer,
        _check_models,
        _check_requests,
        _check_account,
        _plan_containers,
        _check_board,
        _check_detectors,
    ):
        found = check(found)
    return found


def _check_identity(tools: ToolBox) -> Findings:
    checks = tuple(run_check(name, check, tools) for name, check in identity_checks(tools))
    has_workspace = all(check.state != "fail" for check in checks)
    return Findings(tools, checks, has_workspace)


def _check_production(found: Findings) -> Findings:
    tools, loaded, finding = check_production(found.tools)
    return found.with_checks(finding.named("production"), tools=tools, loaded=loaded)


def _check_script(found: Findings) -> Findings:
    if found.loaded is None or not reads_script(found.tools):
        return found
    loaded, sha256, finding = check_script(found.tools, found.loaded)
    return found.with_checks(finding.named("script"), loaded=loaded, script_sha256=sha256)


def _check_retimed_cut(found: Findings) -> Findings:
    if found.loaded is None or not has_section(found.tools, DrawingSettings):
        return found
    return found.with_checks(run_check("retimed cut", check_retimed_cut, found.tools))


def _check_videos(found: Findings) -> Findings:
    if not has_section(found.tools, FilmSettings):
        return found
    frames, sizes, finding = check_videos(found.tools)
    return found.with_checks(finding.named("videos"), frames=frames, sizes=sizes)


def _choose_desk(found: Findings) -> Findings:
    """Put the desk into the settings of the run; the check fails if it could not be chosen."""
    tools = found.tools
    if not has_section(tools, ReviewSection):
        return found
    desk, check = find_out("review desk", choose_desk, tools)
    if desk is None:
        return found.with_checks(check)
    settings = tools.settings.model_copy(update={"review_desk": desk.desk})
    return found.with_checks(check, tools=replace(tools, settings=settings), desk=desk)


def _settle_trainer(found: Findings) -> Findings:
    settled = settle_trainer(found.tools, found.loaded.production.slug if found.loaded else "")
    tools = replace(found.tools, settings=settled.settings)
    return found.with_checks(*settled.checks, tools=tools, trainer=settled.choice)


def _check_models(found: Findings) -> Findings:
    routes, finding = check_models(found.tools)
    tools = replace(found.tools, found_routes=routes)
    return found.with_checks(finding.named("models"), tools=tools)


def _check_requests(found: Findings) -> Findings:
    if found.loaded is None:
        return found
    sizes = found.sizes or [(MODEL_SIDE, MODEL_SIDE)]
    tokens, finding = check_requests(found.tools, found.loaded, sizes)
    return found.with_checks(finding.named("requests"), tokens=tokens)


def _check_account(found: Findings) -> Findings:
    checks = account_checks(found.tools)
    return found.with_checks(*(run_check(name, check, found.tools) for name, check in checks))


def _plan_containers(found: Findings) -> Findings:
    if found.tools.fargate is None:
        return found
    containers, check = find_out("heavy tasks", plan_containers, found.tools)
    return found.with_checks(check, containers=containers)


def _check_board(found: Findings) -> Findings:
    if found.loaded is None or not found.tools.settings.draws:
        return found
    left, finding = check_board(found.tools, found.loaded.production)
    checks = [finding.named("board")] if finding else []
    return found.with_checks(*checks, pictures_left=left)


def _check_detectors(found: Findings) -> Findings:
    settings = found.tools.settings
    if found.loaded is None or not isinstance(settings, DetectionSection):
        return found
    return found.with_checks(*detector_checks(settings, found.loaded.production))
