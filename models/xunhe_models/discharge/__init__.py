"""Outfalls: is a mouth dry, flowing, foaming, coloured, or does it bring a sheen of oil?

Kept apart from the debris detector: time matters here, and there is almost no real footage, so that
the network learns from scenes that `generator` renders. Imports: `finder`, `signals`, `verdict` and
`zones` need numpy, OpenCV and ONNX Runtime; `network` and `train` need torch.
"""

CLASSES = ("dry", "flowing", "foaming", "coloured", "sheen")
