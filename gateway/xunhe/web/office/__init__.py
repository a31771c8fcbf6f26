"""The pages of the river-chief office (河长办) and of the supervisor."""
