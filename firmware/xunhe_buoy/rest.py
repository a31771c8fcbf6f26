"""How to spend the time until the next reading. Pure."""

DEEP, LIGHT, AWAKE = "deep", "light", "awake"

# A start costs as much as it costs: below ten times that, staying awake is cheaper.
WORTH = 10
LIGHT_FROM_S = 2
LIGHT_MOST_S = 10  # the lid and the watchdog want to be looked at


def kind(wait_s, wake_cost_s, is_idle, is_linked, is_held):
    """DEEP, LIGHT or AWAKE.

    `is_idle`: the uplink has nothing to do; `is_linked`: its connection stands; `is_held`: an
    update, a technician or a request forbids sleep.
    """
    if is_held or not is_idle:
        return AWAKE
    if wait_s >= max(WORTH * wake_cost_s, LIGHT_MOST_S):
        return DEEP
    return AWAKE if is_linked or wait_s < LIGHT_FROM_S else LIGHT
