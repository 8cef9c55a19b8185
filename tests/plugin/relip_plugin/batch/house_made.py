"""A folder with clips and a dub, and batches over it by an engine that draws nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from fractions import Fraction
from pathlib import Path

from relip_host.choice import Choice
from relip_host.executor import LocalExecutor
from relip_host.host import DubItem, Shot
from relip_plugin.batch.cast import Cast
from relip_plugin.batch.plan import Line, plan
from relip_plugin.batch.result import Batch, Result
from relip_plugin.batch.run import BatchRun
from relip_plugin.cache.results import ResultCache
from tests.plugin.relip_host.stub_runs import stub
from tests.plugin.relip_plugin.batch.clips_made import files
from tests.plugin.relip_plugin.batch.test_plan import Seconds

F = Fraction


class House:
    """A folder with two clips, a dub, a cache, and batches over three shots."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results = folder / "reel_relip"
        self.results.mkdir(exist_ok=True)
        self.cache = ResultCache(folder / "cache")
        self.cast = Cast()
        self.last: list[Batch] = []
        for name in ("a.mov", "b.mov", "dub.wav"):
            if not (folder / name).exists():
                (folder / name).write_bytes(name.encode() * 100)

    def lines(self) -> list[Line]:
        shots, items = [], []
        for number, clip in enumerate(["a.mov", "b.mov", "a.mov"]):
            start, end = F(number * 3), F(number * 3 + 1)
            path = str(self.folder / clip)
            shots.append(Shot(f"v{number}", clip, 1, start, end, path, F(4), F(25), 1000))
            dub = str(self.folder / "dub.wav")
            items.append(DubItem(f"line {number + 1}", 1, start, end, dub, F(number)))
        return plan(Seconds(), shots, items, Choice(handles=0), self.cast, files(frames=1000))

    def batch(self, manner: str = "good", workers: int = 2, **options: object) -> BatchRun:
        executor = LocalExecutor(stub(manner), workers)
        return BatchRun(self.lines(), executor, self.cache, self.results, "1", **options)  # type: ignore[arg-type]

    def run(
        self,
        manner: str = "good",
        each: Callable[[Batch], None] = lambda _: None,
        **options: object,
    ) -> tuple[Result, ...]:
        batch = self.batch(manner, **options)  # type: ignore[arg-type]
        with closing(batch.run()) as steps:
            for step in steps:
                assert 0 <= step.done <= 1
                each(step)
                self.last.append(step)
        return batch.results

    def states(self, manner: str = "good", **options: object) -> list[str]:
        return [result.state for result in self.run(manner, **options)]  # type: ignore[arg-type]

    def files(self) -> list[str]:
        return sorted(path.name for path in self.results.iterdir())


class Twice(House):
    """Two shots that show the same, and what is said in them is the same."""

    def lines(self) -> list[Line]:
        shots, items = [], []
        for number, start in enumerate((F(0), F(3))):
            path, dub = str(self.folder / "a.mov"), str(self.folder / "dub.wav")
            shots.append(Shot(f"v{number}", "a", 1, start, start + 1, path, F(4), F(25), 1000))
            items.append(DubItem(f"line {number + 1}", 1, start, start + 1, dub))
        return plan(Seconds(), shots, items, Choice(handles=0), self.cast, files(frames=1000))


class Pair(House):
    """One shot in which two people speak, the second for longer."""

    faces = ("1", "2")

    def lines(self) -> list[Line]:
        shot = Shot("v0", "a.mov", 1, F(0), F(1), str(self.folder / "a.mov"), F(4), F(25), 1000)
        dub = str(self.folder / "dub.wav")
        items = [DubItem(name, 1, F(0), F(1), dub) for name in ("anna", "ben")]
        cast = Cast(
            {name: face for name, face in zip(("anna", "ben"), self.faces, strict=True) if face}
        )
        return plan(Seconds(), [shot], items, Choice(handles=0), cast, files(frames=1000))
