"""Rendering: settings on top of a preset that may win, jobs that finish while one asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.resolve_scripts.fake_resolve.bridge import Proxy, call, write
from tests.resolve_scripts.fake_resolve.mix import render_sound
from tests.resolve_scripts.fake_resolve.project_state import Job, Preset, ProjectState
from tests.resolve_scripts.fake_resolve.tables import (
    JOB_STATES,
    RENDER_CODECS,
    RENDER_FORMATS,
    RENDER_KEYS,
    RENDER_PRESETS,
)


class Deliver(Proxy):
    """What a project offers for rendering."""

    _state: ProjectState

    @call(refusal={})
    def GetRenderFormats(self) -> dict[str, str]:
        return dict(RENDER_FORMATS)

    @call(refusal={})
    def GetRenderCodecs(self, renderFormat: str) -> dict[str, str]:
        """By id, not by label."""
        return dict(RENDER_CODECS.get(renderFormat, {}))

    @call(refusal={})
    def GetCurrentRenderFormatAndCodec(self) -> dict[str, str]:
        return {"format": self._state.render.format, "codec": self._state.render.codec}

    @write()
    def SetCurrentRenderFormatAndCodec(self, renderFormat: str, codec: str) -> bool:
        """Ids. Wave has no codecs, so it cannot be chosen."""
        if codec not in RENDER_CODECS.get(renderFormat, {}).values():
            return False
        self._state.render.format, self._state.render.codec = renderFormat, codec
        return True

    @call(refusal=1)
    def GetCurrentRenderMode(self) -> int:
        return self._state.render.mode

    @write()
    def SetCurrentRenderMode(self, renderMode: int) -> bool:
        if renderMode not in (0, 1):
            return False
        self._state.render.mode = renderMode
        return True

    @call(refusal=[])
    def GetRenderPresetList(self) -> list[str]:
        return [*RENDER_PRESETS, *self._state.render.presets]

    @write()
    def LoadRenderPreset(self, presetName: str) -> bool:
        render = self._state.render
        preset = self._preset(presetName)
        if preset is None:
            return False
        render.preset, render.settings = presetName, {}
        render.format, render.codec = preset.format, preset.codec
        return True

    @write()
    def SaveAsNewRenderPreset(self, presetName: str) -> bool:
        """Of what is set now."""
        render = self._state.render
        if not presetName or self._preset(presetName) is not None:
            return False
        settings = {**self._of_preset(), **render.settings}
        render.presets[presetName] = Preset(settings, render.format, render.codec)
        return True

    @write()
    def DeleteRenderPreset(self, presetName: str) -> bool:
        return self._state.render.presets.pop(presetName, None) is not None

    def _preset(self, name: str) -> Preset | None:
        return self._state.render.presets.get(name) or RENDER_PRESETS.get(name)

    def _of_preset(self) -> dict[str, object]:
        preset = self._preset(self._state.render.preset)
        return dict(preset.settings) if preset else {}

    @write()
    def SetRenderSettings(self, settings: dict[str, object]) -> bool:
        """Keys it does not know are ignored."""
        for value in settings.values():
            if type(value) not in (bool, int, float, str):
                raise TypeError(f"SetRenderSettings(): no {type(value).__name__} in settings")
        known = {key: value for key, value in settings.items() if key in RENDER_KEYS}
        self._state.render.settings.update(known)
        return True

    @call(refusal="", writes=True, pages=("deliver",), lie=lambda _: "no-such-job")
    def AddRenderJob(self) -> str:
        project = self._state
        render, timeline = project.render, project.current
        ignores = self._world.traits.preset_ignores if render.preset else set[str]()
        preset = self._of_preset()
        asked = {**preset, **render.settings}
        heeded = {key: value for key, value in render.settings.items() if key not in ignores}
        folder = str(asked.get("TargetDir", ""))
        if timeline is None or not folder or not Path(folder).is_dir():
            return ""
        done = {**preset, "TargetDir": folder, **heeded}
        job = Job(timeline=timeline, asked=asked, done=done, format=render.format)
        render.jobs.append(job)
        return job.uid

    @call(refusal=[])
    def GetRenderJobList(self) -> list[dict[str, object]]:
        """What was asked for, whether or not it will be done."""
        return [
            {
                "JobId": job.uid,
                "RenderJobName": f"Job {number}",
                "TimelineName": job.timeline.name,
                "TargetDir": job.asked.get("TargetDir", ""),
                "OutputFilename": _file_name(job, job.asked),
                "IsExportVideo": job.asked.get("ExportVideo", True),
                "IsExportAudio": job.asked.get("ExportAudio", True),
                "MarkIn": job.asked.get("MarkIn", job.timeline.start),
                "MarkOut": job.asked.get("MarkOut", job.timeline.end - 1),
            }
            for number, job in enumerate(self._state.render.jobs, 1)
        ]

    @write()
    def DeleteRenderJob(self, jobId: str) -> bool:
        job = self._job(jobId)
        if job is None:
            return False
        self._state.render.jobs.remove(job)
        return True

    @write()
    def DeleteAllRenderJobs(self) -> bool:
        self._state.render.jobs.clear()
        return True

    @write()
    def StartRendering(self, first: object = None, *more: object) -> bool:
        """Ids, or a list of them and whether it is interactive; nothing is all of them."""
        render = self._state.render
        ids: list[object] = list(first) if isinstance(first, list) else []
        if isinstance(first, str):
            ids = [first, *more]
        jobs = [job for job in render.jobs if not ids or job.uid in ids]
        if not jobs or len(jobs) < len(ids):
            return False
        for job in jobs:
            job.state, job.percent = "rendering", 0
        return True

    @write()
    def StopRendering(self) -> None:
        for job in self._state.render.jobs:
            if job.state == "rendering":
                job.state = "cancelled"

    @call(refusal=False)
    def IsRenderingInProgress(self) -> bool:
        for job in self._state.render.jobs:
            self._advance(job)
        return any(job.state == "rendering" for job in self._state.render.jobs)

    @call(refusal={})
    def GetRenderJobStatus(self, jobId: str) -> dict[str, object]:
        job = self._job(jobId)
        if job is None:
            return {}
        self._advance(job)
        words = JOB_STATES[self._world.traits.job_language]
        status: dict[str, Any] = {
            "JobStatus": words[job.state],
            "CompletionPercentage": job.percent,
        }
        if job.error:
            status["Error"] = job.error
        if job.state == "complete":
            status["TimeTakenToRenderInMs"] = 1200
        return status

    def _job(self, uid: str) -> Job | None:
        return next((job for job in self._state.render.jobs if job.uid == uid), None)

    def _advance(self, job: Job) -> None:
        """Somewhat further; the file is there at the end."""
        if job.state != "rendering":
            return
        traits = self._world.traits
        job.percent = min(100, job.percent + -(-100 // traits.render_steps))
        if traits.render_fails and job.percent > 50:
            job.state, job.error = "failed", traits.render_fails
        elif job.percent == 100 and job.done.get("ExportVideo", True):
            job.state, job.error, job.percent = "failed", "this Resolve renders no picture", 99
        elif job.percent == 100:
            path = Path(str(job.done["TargetDir"])) / _file_name(job, job.done)
            render_sound(job, path, traits.mark_out_inclusive)
            job.state = "complete"


def _file_name(job: Job, settings: dict[str, object]) -> str:
    return f"{settings.get('CustomName') or job.timeline.name}.{job.format}"
