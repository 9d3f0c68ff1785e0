"""Write the JSON Schema of a landing contract, for editors: `python -m include.chaos.pipeline_schema`."""

from include.chaos.experiment_schema import render
from include.chaos.pipeline import Pipeline
from include.settings import REPO_ROOT

SCHEMA_FILE = REPO_ROOT / "docs" / "pipeline.schema.json"


def main() -> None:
    """Write the file."""
    SCHEMA_FILE.write_text(render(Pipeline), encoding="utf8")


if __name__ == "__main__":
    main()
