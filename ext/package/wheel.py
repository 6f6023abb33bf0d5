"""wheel.py - packs the library as a Python wheel: `make wheel`.

    python3 ext/package/wheel.py VERSION digitnet.so FOLDER README.md ext/README.md …

A wheel is a zip file: the package digitnet, which has digitnet.so beside its __init__.py and
the documentation in doc, and a folder of metadata with the SHA-256 of each file (PEP 427).
The same input gives the same bytes. It is for this kind of machine (linux_x86_64, …) and any Python 3."""
import base64
import hashlib
import os
import sys
import sysconfig
import zipfile

version, so, folder, *docs = sys.argv[1:]
here = os.path.dirname(os.path.abspath(__file__))
info = f"digitnet-{version}.dist-info"
tag = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")


def content(path):
    with open(path, "rb") as file:
        return file.read()


readme = content(os.path.join(here, "../../README.md")).decode()
files = {
    "digitnet/__init__.py": content(os.path.join(here, "wheel/__init__.py")),
    "digitnet/digitnet.so": content(so),
    f"{info}/METADATA": f"""Metadata-Version: 2.1
Name: digitnet
Version: {version}
Summary: A neural network inside SQLite: reads handwritten digits, trains models, in SQL
License: MIT
Requires-Python: >=3.7
Description-Content-Type: text/markdown

{readme}""".encode(),
    f"{info}/WHEEL": f"""Wheel-Version: 1.0
Generator: digitnet
Root-Is-Purelib: false
Tag: {tag}
""".encode(),
    f"{info}/LICENSE": content(os.path.join(here, "../../LICENSE")),
}
for path in docs:
    files[f"digitnet/doc/{path}"] = content(path)
record = ""
for name, data in files.items():
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    record += f"{name},sha256={digest},{len(data)}\n"
files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()

path = os.path.join(folder, f"digitnet-{version}-{tag}.whl")
with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
    for name, data in files.items():
        entry = zipfile.ZipInfo(name)  # of 1980-01-01, as it was not said otherwise
        entry.external_attr = 0o644 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        wheel.writestr(entry, data)
print(path)
