"""The S3 server: rclone over a folder, in which a bucket is a folder."""

import sys
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from include.errors import LabError
from include.lab.component import Component
from include.lab.plan import BUCKET, LOOPBACK, Plan


def components(plan: Plan) -> tuple[Component, ...]:
    """Describe the object store."""
    folder = plan.home.data / "object_store"
    keys = f'"{plan.credentials.object_store_key_id},{plan.credentials.object_store}"'  # a CSV record of a CSV record
    store = Component(
        name="object_store",
        component="object_store",
        port=plan.ports["object_store"],
        command=(
            *(str(_rclone()), "serve", "s3", str(folder)),
            f"--addr={LOOPBACK}:{plan.ports['object_store']}",
            "--config=",  # none: an empty name keeps rclone from reading the user's
        ),
        environment={"RCLONE_AUTH_KEY": keys, "RCLONE_CACHE_DIR": str(plan.home.run / "rclone")},
        check=partial(_check, plan),
        data_folder=folder,
        prepare=partial((folder / BUCKET).mkdir, parents=True, exist_ok=True),
    )
    return (store,)


def _rclone() -> Path:
    return Path(sys.executable).parent / "rclone"


def _check(plan: Plan, _since: datetime) -> None:
    """List a prefix that is empty: signed, on the bucket, and cheap whatever the bucket holds."""
    settings = plan.object_store_itself()
    store = S3Store(
        BUCKET,
        endpoint=settings.endpoint,
        access_key_id=settings.access_key_id,
        secret_access_key=settings.secret_access_key.get_secret_value(),
        region=settings.region,
        client_options={"allow_http": True, "timeout": "5s", "connect_timeout": "3s"},
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=5)},
    )
    try:
        for _ in obstore.list(store, prefix="health-check-of-the-lab/"):
            break
    except BaseError as error:
        raise LabError(
            f"{settings.endpoint} does not list the bucket {BUCKET}: {str(error).splitlines()[0]}"
        ) from error
