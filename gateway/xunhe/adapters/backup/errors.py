"""What goes wrong with backups; every message ends with what to do.

BackupError              a backup cannot be made or put back
├── WrongKeyError        it does not open with this passphrase or key
└── DamagedBackupError   its bytes are not those that were written, or some are missing
"""


class BackupError(RuntimeError):
    """A backup cannot be made or put back."""


class WrongKeyError(BackupError):
    """It does not open with this passphrase or key."""


class DamagedBackupError(BackupError):
    """Its bytes are not those that were written, or some are missing."""
