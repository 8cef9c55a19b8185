"""The networks relip ships, and what may be done with them."""

from relip_models.catalogue import CATALOGUE, Model, ModelName, model

__all__ = ["CATALOGUE", "Model", "ModelName", "model"]
