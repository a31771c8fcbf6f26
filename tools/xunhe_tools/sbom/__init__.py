"""`xunhe sbom`: what is in this installation, as CycloneDX."""
