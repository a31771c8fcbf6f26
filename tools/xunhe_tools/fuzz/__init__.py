"""Any bytes into every parser of the gateway: each either understands them or says why not."""
