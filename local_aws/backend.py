"""Everything one endpoint process keeps: stores, clock, faults, meter and identity."""

from dataclasses import replace
from functools import partial

from local_aws.account.clock import Clock
from local_aws.account.fault_plan import FaultPlan
from local_aws.account.meter import Meter
from local_aws.account.price_table import read_prices
from local_aws.account.settings import EndpointSettings
from local_aws.http.messages import HttpRequest
from local_aws.operations.context import Context
from local_aws.services.bedrock import resources, training_store
from local_aws.services.ecs import task_bill, tasks
from local_aws.services.ecs.task_definitions import CLUSTER, DEFAULT_CLUSTER
from local_aws.services.iam.moto_services import MotoServices
from local_aws.services.s3 import notifications
from local_aws.services.sagemaker.jobs.job_player import JobPlayer
from local_aws.signing.identity import Identity
from local_aws.storage.database import Database
from local_aws.storage.object_store import ObjectStore
from local_aws.storage.private_files import make_private_folder
from local_aws.storage.queue_store import QueueStore
from local_aws.storage.state_store import StateStore


class Backend:
    """The state behind an endpoint. Opening it removes the leftovers of a killed process."""

    def __init__(self, settings: EndpointSettings, identity: Identity) -> None:
        make_private_folder(settings.data_dir)
        self.settings = settings
        self.identity = identity
        self.faults = FaultPlan()
        self._database = Database(settings.data_dir / "endpoint.db")
        self.state = StateStore(self._database)
        self.clock = Clock(self.state)
        self.objects = ObjectStore(self._database, settings.data_dir / "blobs")
        self.meter = Meter(self._database, self.state, read_prices(settings.region))
        self.meter.add_source(partial(task_bill.bill_tasks, self.state, settings))
        self.queues = QueueStore(self._database, settings.account_id, settings.region)
        self.moto = MotoServices(settings.account_id, self.state)
        self.objects.announce = notifications.make_announcer(
            self.state, self.queues, settings.region
        )
        self.objects.sweep()
        self.state.create(CLUSTER, DEFAULT_CLUSTER, {"name": DEFAULT_CLUSTER})
        jobs = [job["arn"] for job in self.state.list(resources.JOB)]
        training_store.sweep(settings.data_dir, self.state, jobs)
        self._jobs = JobPlayer(self._make_context, self.faults)
        self._jobs.resume()

    def context(self, request: HttpRequest, request_id: str) -> Context:
        """Return the context in which a handler answers `request`."""
        base_url = f"http://{request.headers.get('host', '127.0.0.1')}"
        return replace(self._make_context(), request_id=request_id, base_url=base_url)

    def _make_context(self) -> Context:
        """Return the context of work without a request."""
        return Context(
            account_id=self.settings.account_id,
            region=self.settings.region,
            access_key=self.identity.access_key_id,
            secret_key=self.identity.secret_access_key,
            request_id="",
            state=self.state,
            objects=self.objects,
            meter=self.meter,
            settings=self.settings,
            queues=self.queues,
            clock=self.clock,
            base_url="",
            trust_policy=self.moto.trust_policy,
            decide_access=self.moto.decide_access,
            play_job=self._jobs.play,
        )

    def stop_work(self) -> None:
        """Release long-polling receivers, stop every ECS task and pause every SageMaker job."""
        self.queues.close()
        self._jobs.stop()
        tasks.stop_all_tasks(self.state, self.settings)

    def close(self) -> None:
        """Close the database; nothing can be read or written afterwards."""
        self._database.close()
