from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relip.onnx.session import RUNTIME
from relip_job.errors import ModelError
from relip_models import Store, further
from relip_plugin.models import adding, converting
from relip_plugin.models.converting import Definition, converted, export

torch = pytest.importorskip("torch", reason="converting is an extra: pip install relip[convert]")
definitions = import_module("relip_plugin.models.definitions").definitions
read_weights = import_module("relip_plugin.models.weights").read_weights
NETWORKS = "relip_plugin.models.networks"
Encoder = import_module(f"{NETWORKS}.autoencoder").Encoder
Decoder = import_module(f"{NETWORKS}.autoencoder").Decoder
UNet = import_module(f"{NETWORKS}.unet").UNet
Wav2Lip = import_module(f"{NETWORKS}.wav2lip").Wav2Lip
WhisperTiny = import_module(f"{NETWORKS}.whisper").WhisperTiny

SMALL = (32, 64)


def parameters(network: Any) -> int:
    return sum(value.numel() for value in network.parameters())


def test_networks_have_as_many_weights_as_the_published_files_have_room_for() -> None:
    """Published: 145,175,471, 136,729,981 and 198,059,649 bytes, 2 x 850 million for the UNet."""
    with torch.device("meta"):
        assert parameters(Wav2Lip()) == 36_298_035
        assert parameters(Encoder()) == 34_163_664
        assert parameters(Decoder()) == 49_490_199
        assert parameters(UNet()) == 849_947_844
        assert parameters(WhisperTiny()) == 8_208_384


def test_wav2lip_of_its_authors_becomes_onnx_that_agrees_with_torch(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = Wav2Lip().eval()
    page = {
        "state_dict": {f"module.{name}": value for name, value in network.state_dict().items()},
        "optimizer": None,
        "global_step": 7,
    }
    torch.save(page, tmp_path / "wav2lip_gan.pth")
    (tmp_path / "out").mkdir()

    (made,) = converted(further("wav2lip"), [tmp_path / "wav2lip_gan.pth"], tmp_path / "out")

    assert made.part == "generator"
    store = Store(tmp_path / "models")
    assert adding.add(store, further("wav2lip"), made.path).part == "generator"
    random = np.random.default_rng(2)
    mel = random.uniform(-4, 4, (3, 1, 80, 16)).astype("f4")
    faces = random.uniform(0, 1, (3, 6, 96, 96)).astype("f4")
    with torch.no_grad():
        expected = network(torch.from_numpy(mel), torch.from_numpy(faces)).numpy()
    session = RUNTIME.open(made.path)
    drawn = session.run({"mel_spectrogram": mel, "video_frames": faces})["predicted_frames"]
    assert np.abs(drawn - expected).max() < 1e-4


def small_export(
    build: Callable[[], Any], inputs: Mapping[str, tuple[int, ...]], folder: Path
) -> str:
    folder.mkdir()
    definition = Definition(build, inputs, "out", dict)
    return export(definition, build().state_dict(), "part", Path("small.pth"), folder).told


def test_parts_of_musetalk_agree_with_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(3)
    coder, decoder, unet = (tmp_path / name for name in ("coder", "decoder", "unet"))

    told = [
        small_export(lambda: Encoder(SMALL), {"face": (1, 3, 32, 32)}, coder),
        small_export(lambda: Decoder(SMALL), {"latents": (1, 4, 16, 16)}, decoder),
    ]
    monkeypatch.setattr(converting, "_ALONE", 0)
    inputs = {"latents": (1, 8, 16, 16), "heard": (1, 50, 384)}
    told.append(small_export(lambda: UNet((32, 64, 64, 64)), inputs, unet))

    assert all("differs from PyTorch by" in one for one in told)
    assert [path.parent for path in tmp_path.rglob("part.weights")] == [unet / "part-gathered"]


def test_parts_are_found_by_their_names_in_both_layouts() -> None:
    known = definitions("musetalk")
    with torch.device("meta"):
        encoder, decoder = Encoder().state_dict(), Decoder().state_dict()
        whisper = WhisperTiny().state_dict()
    older = {
        name.replace("attentions.0.to_q.", "attentions.0.query.")
        .replace("attentions.0.to_k.", "attentions.0.key.")
        .replace("attentions.0.to_v.", "attentions.0.value.")
        .replace("attentions.0.to_out.0.", "attentions.0.proj_attn."): value
        for name, value in {**encoder, **decoder}.items()
    }

    for file in ({**encoder, **decoder}, older):
        assert known["vae_encoder"].select(file).keys() == encoder.keys()
        assert known["vae_decoder"].select(file).keys() == decoder.keys()
        assert known["whisper_encoder"].select(file) == {}
        assert known["unet"].select(file) == {}
    theirs = {f"model.encoder.{name}": value for name, value in whisper.items()}
    theirs["model.decoder.layers.0.fc1.weight"] = whisper["conv1.weight"]
    assert known["whisper_encoder"].select(theirs).keys() == whisper.keys()
    openai = {"encoder.positional_embedding": 0, "encoder.blocks.0.mlp.2.bias": 1,
              "encoder.conv1.weight": 2, "encoder.blocks.3.attn.key.weight": 3,
              "encoder.ln_post.bias": 4, "encoder.blocks.1.mlp_ln.weight": 5}  # fmt: skip
    assert set(known["whisper_encoder"].select(openai)) <= whisper.keys()


def test_a_file_that_holds_a_program_is_not_run(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path(tmp_path / "was here"),)  # type: ignore[return-value]

    torch.save({"state_dict": Evil()}, tmp_path / "wav2lip.pth")

    with pytest.raises(ModelError, match="holds more than numbers"):
        read_weights(tmp_path / "wav2lip.pth")
    assert not (tmp_path / "was here").exists()


def test_weights_of_something_else_are_refused(tmp_path: Path) -> None:
    torch.save({"layer.weight": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(ModelError, match=r"holds no part of wav2lip .* layer\.weight"):
        list(converted(further("wav2lip"), [tmp_path / "other.pth"], tmp_path))

    weights = Wav2Lip().state_dict()
    del weights["output_block.1.bias"]
    torch.save(weights, tmp_path / "half.pth")
    with pytest.raises(ModelError, match="has other weights than the generator"):
        list(converted(further("wav2lip"), [tmp_path / "half.pth"], tmp_path))

    (tmp_path / "junk.pth").write_bytes(b"junk")
    with pytest.raises(ModelError, match=r"junk\.pth"):
        list(converted(further("wav2lip"), [tmp_path / "junk.pth"], tmp_path))


def test_safetensors_are_read(tmp_path: Path) -> None:
    values = np.arange(6, dtype="f4").reshape(2, 3)
    header = json.dumps(
        {
            "__metadata__": {"format": "pt"},
            "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
            "b": {"dtype": "F16", "shape": [2], "data_offsets": [24, 28]},
        }
    ).encode()
    whole = len(header).to_bytes(8, "little") + header + values.tobytes()
    whole += np.array([1, 2], "f2").tobytes()
    path = tmp_path / "net.safetensors"
    path.write_bytes(whole)

    found = read_weights(path)

    assert np.array_equal(found["a"].numpy(), values)
    assert np.array_equal(found["b"].numpy(), [1, 2])
    path.write_bytes(whole[:-1])
    with pytest.raises(ModelError, match="lies outside the file"):
        read_weights(path)
