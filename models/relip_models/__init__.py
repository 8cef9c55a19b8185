"""The networks relip ships, those a user may add, and what may be done with them."""

from relip_models.catalogue import CATALOGUE, Model, ModelName, model
from relip_models.further import FURTHER, Further, FurtherName, further
from relip_models.store import Installed, Store

__all__ = [
    "CATALOGUE",
    "FURTHER",
    "Further",
    "FurtherName",
    "Installed",
    "Model",
    "ModelName",
    "Store",
    "further",
    "model",
]
