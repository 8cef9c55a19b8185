from pathlib import Path

import numpy as np

from relip.engines.wav2lip import Wav2LipNetwork
from tests.bench import architectures, graphs
from tests.bench.neural import giving_back


def test_the_network_of_full_size_gives_faces_back(tmp_path: Path) -> None:
    model = architectures.wav2lip()
    before = graphs.count(model).operations
    model = giving_back(model)
    assert graphs.count(model).operations == before
    network = Wav2LipNetwork(graphs.write(model, tmp_path / "network.onnx"))
    face = np.random.default_rng(0).uniform(0, 1, (1, 96, 96, 3)).astype(np.float32)
    found = network.say(face, np.zeros((1, 80, 16), np.float32))
    np.testing.assert_allclose(found, face, atol=1e-4)
