"""wheel.py - packs the library as a Python wheel: `make wheel`.

    python3 ext/package/wheel.py VERSION linux-x64 digitnet.so LICENSES FOLDER README.md …

A wheel is a zip file: the package digitnet, which has the library beside its __init__.py and
the documentation in doc, and a folder of metadata with the SHA-256 of each file (PEP 427).
The same input gives the same bytes. It is for any Python 3 on a platform, whose tags stand
below; `here` is this kind of machine alone (linux_x86_64, …), as a library is that `make` built."""
import base64
import hashlib
import os
import sys
import sysconfig
import zipfile

TAGS = {
    "linux-x64": "manylinux_2_17_x86_64.manylinux2014_x86_64",
    "linux-arm64": "manylinux_2_17_aarch64.manylinux2014_aarch64",
    "linux-x64-musl": "musllinux_1_2_x86_64",
    "linux-arm64-musl": "musllinux_1_2_aarch64",
    "here": sysconfig.get_platform().replace("-", "_").replace(".", "_"),
}
version, platform, library, licences, folder, *docs = sys.argv[1:]
here = os.path.dirname(os.path.abspath(__file__))
info = f"digitnet-{version}.dist-info"
tags = TAGS[platform]


def content(path):
    with open(path, "rb") as file:
        return file.read()


readme = content(os.path.join(here, "../../README.md")).decode()
code = content(os.path.join(here, "wheel/__init__.py")).decode()
files = {
    "digitnet/__init__.py": code.replace("@VERSION@", version).encode(),
    "digitnet/py.typed": b"",
    f"digitnet/{os.path.basename(library)}": content(library),
    f"{info}/METADATA": f"""Metadata-Version: 2.1
Name: digitnet
Version: {version}
Summary: A neural network inside SQLite: reads handwritten digits, trains models, in SQL
License: MIT
Requires-Python: >=3.7
Description-Content-Type: text/markdown

{readme}""".encode(),
    f"{info}/WHEEL": "".join([
        "Wheel-Version: 1.0\nGenerator: digitnet\nRoot-Is-Purelib: false\n",
        *(f"Tag: py3-none-{tag}\n" for tag in tags.split("."))]).encode(),
    f"{info}/LICENSE": content(licences),
}
for path in docs:
    files[f"digitnet/doc/{path}"] = content(path)
record = ""
for name, data in files.items():
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    record += f"{name},sha256={digest},{len(data)}\n"
files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()

path = os.path.join(folder, f"digitnet-{version}-py3-none-{tags}.whl")
with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
    for name, data in files.items():
        entry = zipfile.ZipInfo(name)  # of 1980-01-01, as it was not said otherwise
        entry.external_attr = 0o644 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        wheel.writestr(entry, data)
print(path)
