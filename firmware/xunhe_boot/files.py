"""Small files that a power cut leaves whole, old or new, and folders. `disk` as in disk.py."""

LIMIT = 4096  # bytes of a small file; nothing longer is one of ours


def read(disk, path):
    """The bytes of a small file, None where there is none."""
    size = disk.size(path)
    if size is None:
        return None
    file = disk.open_file(path, "rb")
    try:
        return file.read(min(size, LIMIT))  # MicroPython sets aside as much as it is asked for
    finally:
        file.close()


def replace(disk, path, data):
    """Put `data` in the place of the file: on the medium first, then under its name."""
    file = disk.open_file(path + ".new", "wb")
    try:
        file.write(data)
        file.flush()
    finally:
        file.close()
    disk.rename(path + ".new", path)
    disk.sync()


def remove(disk, path):
    """Remove the file if it is there."""
    if disk.size(path) is not None:
        disk.remove(path)


def remove_tree(disk, path):
    """Remove the folder with all that is in it, if it is there."""
    if not disk.is_folder(path):
        return
    for name in disk.listdir(path):
        inner = path + "/" + name
        if disk.is_folder(inner):
            remove_tree(disk, inner)
        else:
            disk.remove(inner)
    disk.rmdir(path)


def make_folder(disk, path):
    """Make the folder and those above it, as far as they are missing."""
    if path and not disk.is_folder(path):
        make_folder(disk, path.rpartition("/")[0])
        disk.mkdir(path)
