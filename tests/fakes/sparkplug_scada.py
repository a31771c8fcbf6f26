"""A SCADA host by mqtt-spb-wrapper, in a Python of its own: that package wants paho-mqtt 1.

    python sparkplug_scada.py PORT GROUP NODE
Says as JSON lines what it hears; the line `rebirth` on standard input asks the node for births.
"""

import json
import sys
import time
from typing import Any


def say(*words: Any) -> None:
    print(json.dumps(words), flush=True)


def main() -> None:
    from mqtt_spb_wrapper import MqttSpbEntityScada

    port, group, node = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    scada = MqttSpbEntityScada(group, "scada")

    def hear(topic: Any, payload: dict[str, Any]) -> None:
        metrics = {m.get("name") or m.get("alias"): m.get("value") for m in payload["metrics"]}
        say(topic.message_type, topic.eon_device_name, payload.get("seq"), metrics)

    scada.callback_birth = scada.callback_data = scada.callback_death = hear
    scada.connect("127.0.0.1", port)
    while not scada.is_connected():
        time.sleep(0.05)
    say("ready")
    for line in sys.stdin:
        if line.strip() == "rebirth":
            scada.get_edge_node(node).send_command("Node Control/Rebirth", True, force=True)


if __name__ == "__main__":
    main()
