"""Networks that others trained, defined anew, so that their weights can be read as numbers alone.

Attributes are named as the weights are in the published files. Sources: the papers, and the shapes
and names in those files. Only these modules and :mod:`relip_plugin.models.converting` use PyTorch.
"""
