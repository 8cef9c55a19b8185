"""Names, palettes and ranges of Resolve's scripting README."""

from __future__ import annotations

from tests.resolve_scripts.fake_resolve.project_state import Preset

CLIP_COLOURS = (
    "Orange Apricot Yellow Lime Olive Green Teal Navy Blue Purple Violet Pink Tan Beige Brown "
    "Chocolate"
).split()
MARKER_COLOURS = (
    "Blue Cyan Green Yellow Red Pink Purple Fuchsia Rose Lavender Sky Mint Lemon Sand Cocoa Cream"
).split()

PAGES = ("media", "cut", "edit", "fusion", "color", "fairlight", "deliver")
TIMECODE_PAGES = ("cut", "edit", "color", "fairlight", "deliver")

# Name: default, lowest, highest. Those in pixels are of a picture 1920 wide and 1080 high.
TRANSFORM: dict[str, tuple[float, float, float]] = {
    "Pan": (0.0, -7680.0, 7680.0),
    "Tilt": (0.0, -4320.0, 4320.0),
    "ZoomX": (1.0, 0.0, 100.0),
    "ZoomY": (1.0, 0.0, 100.0),
    "RotationAngle": (0.0, -360.0, 360.0),
    "AnchorPointX": (0.0, -7680.0, 7680.0),
    "AnchorPointY": (0.0, -4320.0, 4320.0),
    "Pitch": (0.0, -1.5, 1.5),
    "Yaw": (0.0, -1.5, 1.5),
    "CropLeft": (0.0, 0.0, 1920.0),
    "CropRight": (0.0, 0.0, 1920.0),
    "CropTop": (0.0, 0.0, 1080.0),
    "CropBottom": (0.0, 0.0, 1080.0),
    "CropSoftness": (0.0, -100.0, 100.0),
    "DynamicZoomEase": (0, 0, 3),
    "CompositeMode": (0, 0, 30),
    "Opacity": (100.0, 0.0, 100.0),
    "Distortion": (0.0, -1.0, 1.0),
    "RetimeProcess": (0, 0, 3),
    "MotionEstimation": (0, 0, 6),
    "Scaling": (0, 0, 4),
    "ResizeFilter": (0, 0, 15),
}
SWITCHES: dict[str, bool] = {
    "ZoomGang": True,
    "FlipX": False,
    "FlipY": False,
    "CropRetain": False,
}

# Properties of a clip that can be set, and what they take; None is any string.
WRITABLE: dict[str, tuple[str, ...] | None] = {
    "Clip Name": None,
    "Reel Name": None,
    "IDT": None,
    "Input LUT": None,
    "Input Color Space": None,
    "Input Gamma": None,
    "Start TC": None,
    "Scene": None,
    "Shot": None,
    "Take": None,
    "Comments": None,
    "H-FLIP": ("On", "Off"),
    "V-FLIP": ("On", "Off"),
    "Data Level": ("Auto", "Video", "Full"),
    "Alpha mode": ("None", "Premultiplied", "Straight"),
    "PAR": ("Square", "Anamorphic", "NTSC", "PAL", "Cinemascope"),
    "Field Dominance": ("Auto", "Upper Field", "Lower Field"),
}

LOCALISED = {
    "Video + Audio": "Vidéo + Audio",
    "Video": "Vidéo",
    "Compound": "Plan composé",
    "Multicam": "Multicaméra",
    "Online": "En ligne",
    "Offline": "Hors ligne",
    "None": "Aucun",
}

JOB_STATES = {
    "en": {
        "ready": "Ready",
        "rendering": "Rendering",
        "complete": "Complete",
        "failed": "Failed",
        "cancelled": "Cancelled",
    },
    "de": {
        "ready": "Bereit",
        "rendering": "Rendern",
        "complete": "Abgeschlossen",
        "failed": "Fehlgeschlagen",
        "cancelled": "Abgebrochen",
    },
    "ja": {
        "ready": "準備完了",
        "rendering": "レンダー中",
        "complete": "完了",
        "failed": "失敗",
        "cancelled": "キャンセル",
    },
}

RENDER_FORMATS = {"QuickTime": "mov", "MP4": "mp4", "MXF OP1A": "mxf", "Wave": "wav"}
RENDER_CODECS = {
    "mov": {"Apple ProRes 422 HQ": "ProRes422HQ", "DNxHR HQX 10-bit": "DNxHRHQX_10"},
    "mp4": {"H.264": "H264"},
    "mxf": {"DNxHR HQX 10-bit": "DNxHRHQX_10"},
    "wav": {},
}
RENDER_PRESETS = {
    "H.264 Master": Preset({"ExportVideo": True, "ExportAudio": True}),
    "ProRes 422 HQ": Preset({"ExportVideo": True, "ExportAudio": True}, "mov", "ProRes422HQ"),
    "Audio Only": Preset(
        {"ExportVideo": False, "ExportAudio": True, "AudioSampleRate": 48000}, "wav", ""
    ),
}
RENDER_KEYS = frozenset(
    (
        "SelectAllFrames MarkIn MarkOut TargetDir CustomName UniqueFilenameStyle ExportVideo "
        "ExportAudio FormatWidth FormatHeight FrameRate PixelAspectRatio VideoQuality AudioCodec "
        "AudioBitDepth AudioSampleRate ColorSpaceTag GammaTag ExportAlpha AlphaMode "
        "EncodingProfile MultiPassEncode NetworkOptimization ClipStartFrame "
        "TimelineStartTimecode ReplaceExistingFilesInPlace ExportSubtitle SubtitleFormat "
        "UseFullExtents AddFrameHandles DataBurnIn"
    ).split()
)
