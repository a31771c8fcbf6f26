"""What starts the firmware and is never updated over the air: slots, and the files they live in."""
