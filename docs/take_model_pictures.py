"""Makes docs/pictures/detect.png: what `xunhe detect` draws.

    python docs/take_model_pictures.py DATA

DATA is the folder with `litter-land` (TACO, Pedro F. Proença and Pedro Simões, CC BY 4.0). Their
pictures were trained on: they show what a box looks like, not how good the model is.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageOps

NAMES = ("087", "135", "207", "263", "119", "359")
CELL = (300, 300)
OUT = Path(__file__).parent / "pictures/detect.png"


def main(data: Path) -> None:
    """Annotate the pictures with the shipped model, and lay them side by side."""
    files = [str(data / f"litter-land/images/{name}.webp") for name in NAMES]
    sheet = Image.new("RGB", (CELL[0] * 3, CELL[1] * 2), "white")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "xunhe_tools", "detect", *files, "--annotate", folder]
        subprocess.run(command, check=True)  # noqa: S603  our own command
        for number, file in enumerate(sorted(Path(folder).rglob("*.jpg"))):
            picture = ImageOps.fit(Image.open(file), (CELL[0] - 6, CELL[1] - 6))
            sheet.paste(picture, (CELL[0] * (number % 3) + 3, CELL[1] * (number // 3) + 3))
    sheet.quantize(200).save(OUT, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
