"""Everything that a gateway holds, into one sealed file and back."""
