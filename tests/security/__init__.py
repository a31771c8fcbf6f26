"""Nobody in: brokers, pages and secrets as an attacker meets them."""
