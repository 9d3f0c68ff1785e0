"""What a lab must never show: generated once, kept in one private file."""

import base64
import secrets
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from include.errors import LabError
from include.lab.layout import PRIVATE, write_whole


def _secret() -> str:
    return secrets.token_urlsafe(24)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _generated() -> str:
    return Field(default_factory=_secret, repr=False)


class Credentials(BaseModel):
    """One lab's identity, passwords, tokens and keys; all of letters, digits, `-`, `_` and `=`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lab_id: str = Field(default_factory=lambda: secrets.token_hex(8))
    supervisor: str = _generated()
    warehouse_admin: str = _generated()
    warehouse: str = _generated()
    control_db_admin: str = _generated()
    airflow_db: str = _generated()
    journal_db: str = _generated()
    object_store_key_id: str = _generated()
    object_store: str = _generated()
    object_gate: str = _generated()
    spark: str = _generated()
    airflow_admin: str = _generated()
    airflow_agent: str = _generated()
    airflow_fernet_key: str = Field(default_factory=_fernet_key, repr=False)
    airflow_jwt: str = _generated()
    airflow_api: str = _generated()
    agent: str = _generated()
    fault_proxy: str = _generated()
    webapp: str = _generated()

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file; what an older version did not know is generated anew."""
        try:
            return cls.model_validate_json(path.read_text())
        except FileNotFoundError as error:
            raise LabError(f"{path}: no such file. Was this lab ever up? Try `chaos-control up`") from error
        except ValidationError as error:
            fields = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
            raise LabError(
                f"{path}: not the secrets of a lab (wrong: {fields or 'not JSON'}). Restore the file, or "
                "delete the lab's folder once nothing of it runs"
            ) from None  # the cause would quote the secrets

    @classmethod
    def read_or_generate(cls, path: Path) -> Self:
        """Read the file, or write it for a new lab."""
        credentials = cls.read(path) if path.exists() else cls()
        write_whole(path, credentials.model_dump_json(indent=2), mode=PRIVATE)
        return credentials
