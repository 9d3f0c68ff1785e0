"""`chaos-control corpus`: fill the bucket; `chaos-control instruments`: what files hold."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from obstore.store import S3Store
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from typer import Argument, Option, Typer

from include.errors import CorpusError
from include.scale.corpus import generate_corpus
from include.scale.corpus_upload import Advance, copy_objects, delete_others, list_songs, open_source, put_objects
from include.scale.object_store import open_bucket
from include.scale.scanner import programs_of, scan_files
from include.scale.titles import load_titles
from include.scale.warehouse import migrate, warehouse_from_environment
from include.settings import ObjectStoreSettings, ScaleSettings

app = Typer(name="corpus", help="Fill the bucket with songs.", no_args_is_help=True)
_console = Console(stderr=True)
_FILES_A_SCAN = 256

Bucket = Annotated[str, Option(help="The bucket to fill.")]


@app.command()
def generate(
    songs: Annotated[int, Option(min=1, help="How many files, broken ones included.")] = 2000,
    seed: Annotated[int, Option(help="The same seed gives the same files.")] = 1,
    bucket: Bucket = "songs",
    prefix: Annotated[str, Option(help="Folder of the files; synthetic/SEED/ if not given.")] = "",
) -> None:
    """Generate synthetic songs under a prefix, and delete what else is under it."""
    folder = _folder(prefix or f"synthetic/{seed}")
    store = _open(bucket)
    with _progress("generating", songs) as advance:
        files = ((folder + file.name, file.content) for file in generate_corpus(songs, seed))
        keys = put_objects(store, files, advance)
    deleted = delete_others(store, folder, keep=keys)
    _console.print(f"s3://{bucket}/{folder}: {len(keys)} objects, {deleted} others deleted")


@app.command()
def load(
    source: Annotated[str, Argument(help="A folder, or s3://bucket/prefix read with the AWS_* variables.")],
    bucket: Bucket = "songs",
    prefix: Annotated[str, Option(help="Folder to put the files in.")] = "",
) -> None:
    """Copy the .mid, .midi and .kar files of a folder or another bucket, by their relative paths."""
    opened = open_source(source)
    songs = list_songs(opened)
    folder = _folder(prefix)
    with _progress("loading", len(songs)) as advance:
        keys = copy_objects(opened, songs, _open(bucket), folder, advance)
    _console.print(f"s3://{bucket}/{folder}: {len(keys)} objects loaded")


@app.command()
def titles(
    file: Annotated[Path, Argument(help='The Lakh dataset\'s md5_to_paths.json, or one like it: {"<MD5>": ["path"]}.')],
) -> None:
    """Give songs that are named by their MD5 the titles in a file; the relation `song` shows them."""
    warehouse = warehouse_from_environment()
    migrate(warehouse)
    _console.print(f"{load_titles(warehouse, file)} titles stored")


def instruments(paths: Annotated[list[Path], Argument(help="MIDI files, or folders of them.")]) -> None:
    """Print the instruments of files, one JSON line each: `programs`, or why the file is `rejected`."""
    files = [file for path in paths for file in _files_at(path)]
    for start in range(0, len(files), _FILES_A_SCAN):
        batch = files[start : start + _FILES_A_SCAN]
        result = scan_files([file.read_bytes() for file in batch])
        for index, file in enumerate(batch):
            reason = result.reason(index)
            said = {"rejected": reason.words} if reason else {"programs": sorted(programs_of(result.bitmaps[index]))}
            print(json.dumps({"file": str(file), **said}, ensure_ascii=False))


def _files_at(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file())
    if not path.is_file():
        raise CorpusError(f"{path}: no such file or folder. Name MIDI files, or folders of them.")
    return [path]


def _open(bucket: str) -> S3Store:
    return open_bucket(ObjectStoreSettings.from_environment(), bucket, ScaleSettings.from_environment().patience)


def _folder(prefix: str) -> str:
    return f"{prefix.strip('/')}/" if prefix.strip("/") else ""


@contextmanager
def _progress(what: str, total: int) -> Iterator[Advance]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_console) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)
