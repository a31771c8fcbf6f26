"""A certificate authority for one test run, made by the openssl command."""

import subprocess


class Authority:
    """Signs certificates in `folder`; `der` is what a buoy is given."""

    def __init__(self, folder, name="xunhe test CA"):
        self._folder, self._name = folder, name.replace(" ", "-")
        self.pem, self.der = self._path("crt"), self._path("der")
        self._openssl(
            "req", "-x509", *_NEW_KEY, "-keyout", self._path("key"), "-out", self.pem,
            "-days", "2", "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE",
        )  # fmt: skip
        self._openssl("x509", "-in", self.pem, "-outform", "DER", "-out", self.der)

    def certify(self, host, *, days="1"):
        """(certificate, key) for a host name; a negative number of days is past already."""
        request, key = self._path(f"{host}{days}.csr"), self._path(f"{host}{days}.key")
        certificate, extra = self._path(f"{host}{days}.crt"), self._path(f"{host}.ext")
        extra.write_text(f"subjectAltName=DNS:{host}\n")
        self._openssl("req", *_NEW_KEY, "-keyout", key, "-out", request, "-subj", f"/CN={host}")
        self._openssl(
            "x509", "-req", "-in", request, "-CA", self.pem, "-CAkey", self._path("key"),
            "-CAcreateserial", "-days", days, "-extfile", extra, "-out", certificate,
        )  # fmt: skip
        return certificate, key

    def _path(self, suffix):
        return self._folder / f"{self._name}.{suffix}"

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)


_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
