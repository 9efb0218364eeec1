"""Making images from random latents."""

from __future__ import annotations

import argparse
from pathlib import Path

from genmod.errors import GenmodError
from genmod.system.quiet import quiet


def command(options: argparse.Namespace) -> int:
    """Decode random latents into a contact sheet and arrays."""
    import numpy as np

    from genmod import kinds
    from genmod.drawing import images
    from genmod.inference.library import load

    given = {name: getattr(options, name) for name in kinds.drawings_called()}
    chosen = {name: text for name, text in given.items() if text is not None}
    with quiet():
        model = load(options.run, options.store)
        drawn, latents = model.sample(options.n, options.seed, 1.0, options.label, options.latents, **chosen)
    out = options.out or (None if options.npz else Path("grid.png"))
    if out is not None:
        columns = min(options.n, max(10, round(options.n**0.5)))
        _save(out, images.png(images.contact_sheet(drawn, columns)))
        print(out)
    if options.npz is not None:
        import io

        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, images=drawn, latents=latents)
        _save(options.npz, buffer.getvalue())
        print(options.npz)
    return 0


def _save(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise GenmodError(f"The file {path} cannot be written ({error.strerror}); choose another place.") from None
