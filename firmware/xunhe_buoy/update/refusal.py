"""Why an update or a key is not taken: the word goes upstream, the message to a technician.

ValueError
└── RefusedError     `reason` is one of the R_* words below
"""

R_MALFORMED = "malformed"
R_BOARD = "wrong board"
R_DOWNGRADE = "downgrade"
R_REPLAY = "replay"
R_SIGNATURE = "signature"
R_BUSY = "on trial"
R_ROOM = "no room"
R_DIGEST = "sha256"
R_TRUNCATED = "truncated"
R_FLASH = "flash"
R_NO_KEYS = "no keys"
R_NO_SLOTS = "no slots"


class RefusedError(ValueError):
    def __init__(self, reason, message):
        super().__init__(message)
        self.reason = reason
